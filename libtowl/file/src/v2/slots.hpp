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
  std::optional<Slot> newest;             ///< Of the valid ones; in a sealed file that of its footer, if it is valid.
  std::array<bool, kSlots> damaged = {};  ///< Neither valid nor all zeros.
  std::array<bool, kSlots> unused = {};   ///< All zeros.
  std::optional<Footer> footer = {};      ///< Of a sealed file, if it is valid.
};

/// Both slots, and the footer if the newest one says that the file is sealed, or neither is valid. If the index page
/// then says something other than the footer, that slot is damaged. Errors: io.
Result<Slots> read_slots(File& file, std::uint32_t tag);

/// The same, with the footer only if neither slot is valid: for lists of many files. Errors: io.
Result<Slots> read_index_page(File& file, std::uint32_t tag);

/// For a file with no valid slot or footer: the header page may be another file's, and all else of this one would look
/// like damage to be cut off. Errors: corrupt if the frame that repeats the header page says so; io.
Result<void> check_own_header(File& file, std::uint32_t tag, const Slots& slots);

/// Writes `slot` in its turn.
Result<void> write_slot(File& file, const Slot& slot, std::uint32_t tag);

}  // namespace towl::detail::v2
