// What a test may say about a program's resident memory.
#pragma once

namespace towl::test {

/// The address sanitizer keeps freed memory for a while, to catch later uses: bounds on resident memory do not hold.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kKeepsFreedMemory = true;
#else
inline constexpr bool kKeepsFreedMemory = false;
#endif

}  // namespace towl::test
