#include <algorithm>
#include <string>

#include "pages_io.hpp"
#include "recover_file.hpp"
#include "torn_file.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"
#include "v2/tail.hpp"

namespace towl::detail::v2 {

namespace fs = std::filesystem;

namespace {

bool agrees(const Slot& a, const Slot& b) {
  return a.index == b.index && a.data_end == b.data_end && a.chain == b.chain;
}

// Where to begin: the newest slot; the first frame where there is none, or where the file is shorter than it says.
Result<Slot> starting_slot(File& file, const Slots& slots, std::uint64_t size) {
  if (slots.newest && slots.newest->data_end <= size) return *slots.newest;
  auto first = first_slot(file);
  if (!first) return first;
  Slot slot = std::move(*first);
  if (slots.newest) {
    slot.index.opened = slots.newest->index.opened;
    slot.sequence = slots.newest->sequence;
  }
  return slot;
}

// A file cut off in front of its first entry: what stands there is made again from the header page.
Result<void> restore_front(File& file) {
  const auto page = read_header_page(file);
  if (!page) return fail(page.error());
  const auto front = encode_front(*page);
  if (!front) return fail(front.error());
  return file.write_at(kFramesOffset, std::string_view(*front).substr(kFramesOffset));
}

}  // namespace

Result<RecoverReport> recover(FileLayer& layer, const fs::path& path, File& file, const Header& header) {
  const std::uint32_t tag = file_tag(header.uuid);
  auto slots = read_slots(file, tag);
  if (!slots) return fail(at_file(std::move(slots.error()), path.string()));
  if (auto own = check_own_header(file, tag, *slots); !own) return fail(at_file(std::move(own.error()), path.string()));
  auto size = file.size();
  if (!size) return fail(size.error());
  RecoverReport report;
  report.header = header;
  report.data_end = *size;
  if (slots->newest && slots->newest->index.sealed) {
    report.index = slots->newest->index;
    return report;
  }
  if (*size < kDataOffset) {
    if (auto restored = restore_front(file); !restored)
      return fail(at_file(std::move(restored.error()), path.string()));
    size = kDataOffset;
  }
  // A file cut off in the zeros behind its last frame: that frame is there, or would be once the next one is written.
  if (slots->newest && slots->newest->data_end > *size && *size != aligned(*size)) {
    size = aligned(*size);
    if (auto grown = file.truncate(*size); !grown) return fail(at_file(std::move(grown.error()), path.string()));
  }

  auto start = starting_slot(file, *slots, *size);
  if (!start) return fail(at_file(std::move(start.error()), path.string()));
  Tail tail(file, tag, *start, slots->newest ? std::optional(anchor_of(*slots->newest)) : std::nullopt);
  if (auto walked = tail.walk(); !walked) return fail(at_file(std::move(walked.error()), path.string()));
  Slot slot = tail.slot();
  report.damage = tail.damage();
  // Entries that were durable are gone with the file's end: their ordinals are not given out again.
  const bool shorter = slots->newest && slots->newest->data_end > *size;
  if (shorter) {
    if (slots->newest->index.count > slot.index.count) {
      report.damage.push_back({slot.data_end, slot.index.count, "the file ends before its entries do"});
    }
    slot.index = slots->newest->index;
    // The walk's own ends in front of the damage; the frames behind it are known by the one that they lead to.
    slot.chain = slots->newest->chain;
    slot.data_end = aligned(*size);
  }
  slot.data_end = std::min<std::uint64_t>(slot.data_end, aligned(*size));
  report.data_end = slot.data_end;
  const bool torn = *size > slot.data_end;
  if (torn) {
    report.torn_bytes = *size - slot.data_end;
    report.reason = tail.torn().empty() ? "half a frame" : tail.torn();
    const auto saved = save_aside(layer, path, "torn", file, slot.data_end, *size);
    if (!saved) return fail(saved.error());
    report.torn_file = saved->string();
    if (auto cut = file.truncate(slot.data_end); !cut) return fail(cut.error());
  }
  if (torn || !slots->newest || slot.index.count != slots->newest->index.count) slot.index.closed.reset();
  report.index = slot.index;
  // A slot that was being written when the power went is written again, in its turn.
  report.index_rewritten = !slots->newest || !agrees(slot, *slots->newest) || slots->damaged[0] || slots->damaged[1];
  if (report.index_rewritten || torn) {
    // The slot is a promise: what it says must be on stable storage before it is written.
    if (auto synced = file.sync(); !synced) return fail(synced.error());
    slot.sequence = std::max(slot.sequence, slots->newest ? slots->newest->sequence : 0) + 1;
    if (auto put = write_slot(file, slot, tag); !put) return fail(put.error());
    if (auto synced = file.sync(); !synced) return fail(synced.error());
  }
  return report;
}

}  // namespace towl::detail::v2
