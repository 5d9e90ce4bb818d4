// What a test may say of a program's resident memory.
#pragma once

namespace towl::test {

/// The address sanitizer keeps freed memory for a while, to catch who uses it: bounds on what is resident do not hold.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kKeepsFreedMemory = true;
#else
inline constexpr bool kKeepsFreedMemory = false;
#endif

}  // namespace towl::test
