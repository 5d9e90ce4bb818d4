// Ordinals that are never given out again, because entries in a torn tail may have had them.
#pragma once

#include <cstdint>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"
#include "v2/frame.hpp"

namespace towl::detail::v2 {

/// The most that a gap can take. No tail has more, no matter what a forged header says.
inline constexpr std::uint64_t kMaxBurntOrdinals = ~std::uint32_t{0};

/// The ordinal after all that entries of the tail [begin, size) may have: those that its headers name, and unknown ones
/// if bytes follow that are not a frame. `known`: the one that is known without the tail. Errors: io.
Result<Ordinal> end_of_torn_entries(File& file, std::uint32_t tag, std::uint64_t begin, std::uint64_t size,
                                    Ordinal known);

/// The header of a gap that takes the ordinals [first, end), as many as it can; to be linked. `digest`: of the entries
/// before it; burnt ordinals leave it as it is.
FrameHeader gap_of_burnt(Ordinal first, Ordinal end, std::uint64_t digest);

}  // namespace towl::detail::v2
