#include <algorithm>
#include <limits>
#include <string>

#include "pages_io.hpp"
#include "repair_file.hpp"
#include "torn_file.hpp"
#include "v2/digest.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/frame_walker.hpp"
#include "v2/frame_writer.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"
#include "v2/tail.hpp"
#include "v2/token_filter.hpp"

namespace towl::detail::v2 {

namespace fs = std::filesystem;

namespace {

// The most entries that gaps stand for: a count that a damaged file claims costs 80 bytes for each 4,294,967,295.
constexpr std::uint64_t kMaxLost = std::uint64_t{1} << 40;

// Copies what can be read of a file to a new one, with gaps where it cannot.
class Repair {
 public:
  Repair(FileLayer& layer, fs::path path, File& file, HeaderPage page, Slot slot)
      : layer_(layer),
        path_(std::move(path)),
        file_(file),
        page_(std::move(page)),
        tag_(file_tag(page_.header.uuid)),
        slot_(std::move(slot)) {}

  Result<void> run(RepairReport& report) {
    const fs::path unfinished = path_.string() + ".repair.new";
    if (auto done = remove_if_there(layer_, unfinished); !done) return done;
    auto copy = layer_.open(unfinished, OpenMode::create);
    if (!copy) return fail(std::move(copy.error()));
    auto done = write(**copy, report);
    if (done) done = (*copy)->sync();
    if (done) done = layer_.rename(unfinished, path_);
    if (!done) {
      (void)layer_.remove(unfinished);  // Best effort: what failed is the error to report.
      return done;
    }
    return layer_.sync_folder(folder_of(path_));
  }

 private:
  Result<void> write(File& copy, RepairReport& report) {
    auto writer = FrameWriter::begin(copy, page_);
    if (!writer) return fail(std::move(writer.error()));
    if (auto done = copy_frames(*writer, report); !done) return done;
    // The digest is that of the entries as they were.
    if (auto done = close_gap(*writer, slot_.index.digest); !done) return done;
    const auto done = slot_.index.sealed ? writer->finish_sealed(slot_.index) : writer->finish(slot_.index);
    report.recovered.index = writer->slot().index;
    report.recovered.data_end = writer->slot().data_end;
    return done;
  }

  Result<void> copy_frames(FrameWriter& writer, RepairReport& report) {
    auto first = first_slot(file_);
    if (!first) return fail(std::move(first.error()));
    FrameWalker walker(file_, tag_, {.chain = first->chain, .durable = slot_.index.count, .anchor = anchor_of(slot_)});
    FrameHeader header;
    std::string_view frame;
    for (;;) {
      auto walked = walker.next(header);
      if (walked && *walked == Walked::frame) walked = walker.stored(frame);
      if (!walked) return fail(walked.error());
      // What recovery has not counted was not promised, and is not in the digest.
      if (*walked == Walked::end || writer.slot().index.count + lost_ >= slot_.index.count) return {};
      auto done =
          *walked == Walked::damage ? take_damage(walker.damage(), report) : take_frame(writer, header, frame, report);
      if (!done) return done;
    }
  }

  Result<void> take_damage(const Damage& damage, RepairReport& report) {
    const auto size = file_.size();
    if (!size) return fail(size.error());
    const std::uint64_t end = damage.end > damage.offset ? std::min(damage.end, *size) : *size;
    if (end > damage.offset) {
      const auto saved = save_aside(layer_, path_, "damaged", file_, damage.offset, end);
      if (!saved) return fail(saved.error());
      report.saved_files.push_back(saved->string());
    }
    report.lost_entries += damage.last - damage.first;
    lost_ += damage.last - damage.first;
    report.damage.push_back({damage.offset, damage.first, damage.what});
    return {};
  }

  Result<void> take_frame(FrameWriter& writer, FrameHeader header, std::string_view frame, RepairReport& report) {
    if (auto done = close_gap(writer, header.digest); !done) return done;
    const bool behind_slot = header.end() > slot_.index.count;
    const std::string_view payload = payload_of(frame, header);
    if (header.kind == FrameKind::gap) {
      if (behind_slot) slot_.index.digest = header.digest;
      return writer.put(header, payload);
    }
    std::string_view positions = positions_of(frame, header);
    if (!check_positions(frame, header)) {
      positions = {};
      header.positions_left_out = true;
      report.damage.push_back({writer.slot().data_end, header.first, "positions of sources do not fit their checksum"});
    }
    if (!behind_slot && !slot_.index.sealed) return writer.put(header, payload, positions);
    if (auto begun = decoder_.begin(header, payload); !begun) return begun;
    // The slot tells of the entries up to its count: what is behind them, where frames were moved, it must be told.
    std::uint64_t digest = header.digest;
    EntryView entry;
    for (;;) {
      const auto more = decoder_.next(entry);
      if (!more) return fail(more.error());
      if (!*more) break;
      if (slot_.index.sealed) filter_.add(entry);
      if (!behind_slot) continue;
      digest = extend_digest(digest, entry);
      if (!slot_.index.first) slot_.index.first = entry.received;
      slot_.index.last = entry.received;
    }
    if (behind_slot) slot_.index.digest = digest;
    return writer.put(header, payload, positions, slot_.index.sealed ? filter_.finish() : std::string());
  }

  // The entries lost before an entry whose digest before it is known.
  Result<void> close_gap(FrameWriter& writer, std::uint64_t digest) {
    if (lost_ > kMaxLost) {
      return fail(ErrorCode::corrupt, "its pages claim " + std::to_string(lost_) + " lost entries: no file had as many",
                  path_.string());
    }
    while (lost_ > 0) {
      FrameHeader gap;
      gap.kind = FrameKind::gap;
      gap.first = writer.slot().index.count;
      gap.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(lost_, std::numeric_limits<std::uint32_t>::max()));
      gap.digest = digest;
      gap.min = gap.max = gap.event_min = gap.event_max = now();
      lost_ -= gap.count;
      if (auto done = writer.put(gap, {}); !done) return done;
    }
    return {};
  }

  FileLayer& layer_;
  fs::path path_;
  File& file_;
  HeaderPage page_;
  std::uint32_t tag_;
  Slot slot_;
  FrameDecoder decoder_;
  TokenFilterBuilder filter_;
  std::uint64_t lost_ = 0;  // not written as a gap yet
};

}  // namespace

Result<void> repair_frames(FileLayer& layer, const fs::path& path, File& file, RepairReport& report) {
  const auto page = read_header_page(file);
  if (!page) return fail(at_file(page.error(), path.string()));
  auto slots = read_slots(file, file_tag(page->header.uuid));
  if (!slots) return fail(at_file(std::move(slots.error()), path.string()));
  if (!slots->newest) return fail(ErrorCode::corrupt, "neither index slot nor footer can be read", path.string());
  return Repair(layer, path, file, *page, std::move(*slots->newest)).run(report);
}

}  // namespace towl::detail::v2
