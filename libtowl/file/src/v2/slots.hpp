// The two index slots of an open file of format 2, and the sealed footer that repeats them.
#pragma once

#include <array>
#include <optional>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"
#include "v2/footer.hpp"
#include "v2/pages.hpp"

namespace towl::detail::v2 {

struct Slots {
  std::optional<Slot> newest;             ///< Of those that hold; a sealed file's is that of its footer, if that holds.
  std::array<bool, kSlots> damaged = {};  ///< Neither valid nor all zeros.
  std::array<bool, kSlots> unused = {};   ///< All zeros.
  std::optional<Footer> footer = {};      ///< Of a sealed file, if it holds.
};

/// Both slots, and the footer where the newest one says that the file is sealed, or neither holds. If the index page
/// then says something else than the footer, that slot is damaged. Errors: io.
Result<Slots> read_slots(File& file, std::uint32_t tag);

/// The same, and the footer only where neither slot holds: for lists of many files. Errors: io.
Result<Slots> read_index_page(File& file, std::uint32_t tag);

/// Where neither slot nor footer holds: the header page may be another file's, and all else of this one would look like
/// damage to be cut off. Errors: corrupt where the frame that repeats it says so; io.
Result<void> check_own_header(File& file, std::uint32_t tag, const Slots& slots);

/// Writes `slot` in its turn.
Result<void> write_slot(File& file, const Slot& slot, std::uint32_t tag);

}  // namespace towl::detail::v2
