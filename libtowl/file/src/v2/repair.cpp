#include <algorithm>
#include <limits>
#include <string>

#include "pages_io.hpp"
#include "random_numbers.hpp"
#include "repair_file.hpp"
#include "torn_file.hpp"
#include "v2/burnt_ordinals.hpp"
#include "v2/digest.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/frame_walker.hpp"
#include "v2/frame_writer.hpp"
#include "v2/gap_filler.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"
#include "v2/tail.hpp"
#include "v2/token_filter.hpp"

namespace towl::detail::v2 {

namespace fs = std::filesystem;

namespace {

// The most entries that gaps stand for. A count claimed by a damaged file costs 120 bytes for each 4,294,967,295.
constexpr std::uint64_t kMaxLost = std::uint64_t{1} << 40;

// Copies all that a reader gives of a file to a new one, with gaps for lost entries.
class Repair {
 public:
  Repair(FileLayer& layer, fs::path path, File& file, HeaderPage page, std::optional<Slot> slot,
         std::optional<FileReader> copy)
      : layer_(layer),
        path_(std::move(path)),
        file_(file),
        page_(std::move(page)),
        tag_(page_.tag),
        slot_(std::move(slot)),
        copy_(std::move(copy)) {
    sealed_ = slot_ && slot_->index.sealed;
    // Its own is lost: it becomes another file.
    if (is_header_lost(page_)) page_.header.uuid = random_uuid();
  }

  Result<void> run(bool is_whole, RepairReport& report) {
    if (copy_ && copy_->header().uuid != page_.header.uuid && !is_header_lost(page_)) {
      return fail(ErrorCode::invalid_argument, "the other file is no copy of it: it has another UUID", path_.string());
    }
    const fs::path unfinished = path_.string() + ".repair.new";
    if (auto done = remove_if_there(layer_, unfinished); !done) return done;
    auto copy = layer_.open(unfinished, OpenMode::create);
    if (!copy) return fail(std::move(copy.error()));
    const RecoverReport before = report.recovered;
    auto done = write(**copy, report);
    if (done && is_whole && report.filled_entries == 0) {
      report.recovered = before;
      return layer_.remove(unfinished);
    }
    if (done) done = (*copy)->sync();
    if (done) done = layer_.rename(unfinished, path_);
    if (!done) {
      (void)layer_.remove(unfinished);  // Best effort: what failed is the error to report.
      return done;
    }
    report.rewritten = true;
    return layer_.sync_folder(folder_of(path_));
  }

 private:
  Result<void> write(File& copy, RepairReport& report) {
    auto first = first_slot(file_);
    if (!first) return fail(at_file(std::move(first.error()), path_.string()));
    FrameWalker walker(file_, tag_, slot_, start_of(*first));
    if (auto found = find_trailer(walker); !found) return found;
    index_ = slot_ ? slot_->index : first->index;
    if (copy_) filler_.emplace(std::move(*copy_), sealed_);
    auto writer = FrameWriter::begin(copy, page_, sealed_ ? Life{} : next_life());
    if (!writer) return fail(std::move(writer.error()));
    walker.move_to(start_of(*first));
    if (auto done = copy_frames(walker, *writer, report); !done) return done;
    // The digest is that of the entries as they were; if the last ones are lost, the index has it.
    const bool end_is_lost = lost_ > 0;
    const std::uint64_t filled_before = report.filled_entries;
    const Ordinal count = walker.position().ordinal;
    const bool is_counted = slot_ && slot_->index.count == count;
    const std::uint64_t digest = end_is_lost && is_counted ? slot_->index.digest : digest_;
    if (auto done = close_gap(*writer, digest, report); !done) return done;
    digest_ = digest;
    if (!end_is_lost || report.filled_entries > filled_before) index_.last = last_;
    index_.digest = digest_;
    index_.first = first_ ? first_ : index_.first;
    if (!sealed_ && !is_counted) index_.closed.reset();
    if (auto done = take_tail(walker, *writer, report); !done) return done;
    if (sealed_ && !index_.closed) index_.closed = last_.value_or(index_.opened);
    auto done = sealed_ ? writer->finish_sealed(index_) : writer->finish(index_);
    report.recovered.header = page_.header;
    report.recovered.index = writer->slot().index;
    report.recovered.data_end = writer->slot().data_end;
    return done;
  }

  // Without index and footer, what comes after the entries shows that the file was sealed.
  Result<void> find_trailer(FrameWalker& walker) {
    if (slot_) return {};
    FrameHeader header;
    for (;;) {
      const auto walked = walker.next(header);
      if (!walked) return fail(walked.error());
      if (*walked == Walked::end) break;
    }
    const auto size = file_.size();
    if (!size) return fail(size.error());
    sealed_ = walker.torn().empty() && walker.position().offset < *size;
    return {};
  }

  Life next_life() const { return {(slot_ ? slot_->life.number : 0) + 1, random_number()}; }

  Result<void> copy_frames(FrameWalker& walker, FrameWriter& writer, RepairReport& report) {
    FrameHeader header;
    std::string_view frame;
    for (;;) {
      auto walked = walker.next_of_any_kind(header);
      if (walked && *walked == Walked::frame && !holds_entries(header.kind)) {
        const auto whole = walker.is_whole(frame);
        if (!whole) return fail(whole.error());
        if (!*whole || !travels(header.kind)) continue;
      } else if (walked && *walked == Walked::frame) {
        walked = walker.stored(frame);
      }
      if (!walked) return fail(walked.error());
      if (*walked == Walked::end) return {};
      auto done = *walked == Walked::damage ? take_damage(walker.damage(), report)
                                            : take_frame(writer, header, walker.frame_offset(), frame, report);
      if (!done) return done;
    }
  }

  Result<void> take_damage(const Damage& damage, RepairReport& report) {
    const auto size = file_.size();
    if (!size) return fail(size.error());
    const std::uint64_t end = std::min(damage.end, *size);
    if (end > damage.offset) {
      const auto saved = save_aside(layer_, path_, "damaged", file_, damage.offset, end);
      if (!saved) return fail(saved.error());
      report.saved_files.push_back(saved->string());
    }
    lost_ += damage.last - damage.first;
    report.damage.push_back({damage.offset, damage.first, damage.what});
    return {};
  }

  Result<void> take_frame(FrameWriter& writer, FrameHeader header, std::uint64_t offset, std::string_view frame,
                          RepairReport& report) {
    if (header.kind == FrameKind::gap) {
      // Together with what is lost before it, because the digest between the two is unknown.
      const auto filled = fill(writer, lost_ + header.count, header.digest, report);
      if (!filled) return fail(filled.error());
      if (*filled) return {};
    }
    if (auto done = close_gap(writer, header.digest, report); !done) return done;
    const std::string_view payload = payload_of(frame, header);
    if (header.kind != FrameKind::gap) digest_ = header.digest;
    if (travels(header.kind)) return writer.put_travelling(header, payload, sealed_);
    std::string_view positions = positions_of(frame, header);
    if (!check_positions(frame, header)) {
      positions = {};
      header.positions_left_out = true;
      report.damage.push_back({offset, header.first, "positions of sources that do not fit their checksum"});
    }
    if (header.kind == FrameKind::gap) return put_gap(writer, header, positions);
    std::string filter = read_entries(header, payload);
    return writer.put(header, payload, positions, std::move(filter));
  }

  Result<void> put_gap(FrameWriter& writer, const FrameHeader& gap, std::string_view positions = {}) {
    auto done = writer.put(gap, {}, positions, {}, digest_);
    digest_ = gap.digest;
    return done;
  }

  // What recover() does with a torn tail: it is saved, and its ordinals are burnt.
  Result<void> take_tail(const FrameWalker& walker, FrameWriter& writer, RepairReport& report) {
    if (sealed_) return {};
    const auto size = file_.size();
    if (!size) return fail(size.error());
    Ordinal end = std::max(walker.met(), slot_ ? slot_->given_out : 0);
    if (const std::uint64_t begin = walker.position().offset; begin < *size) {
      const auto torn = end_of_torn_entries(file_, tag_, begin, *size, end);
      if (!torn) return fail(torn.error());
      end = *torn;
      const auto saved = save_aside(layer_, path_, "torn", file_, begin, *size);
      if (!saved) return fail(saved.error());
      report.recovered.torn_bytes = *size - begin;
      report.recovered.torn_file = saved->string();
      report.recovered.reason = walker.torn().empty() ? "half a frame" : walker.torn();
      index_.closed.reset();
    }
    const Ordinal first = writer.slot().index.count;
    if (end <= first) return {};
    const FrameHeader gap = gap_of_burnt(first, end, digest_);
    report.recovered.burnt_ordinals = gap.count;
    return put_gap(writer, gap);
  }

  // What the index and the filter of a sealed frame need of its entries. A frame with valid checksums but invalid
  // entries is kept as it is.
  std::string read_entries(const FrameHeader& header, std::string_view payload) {
    auto begun = decoder_.begin(header, payload);
    EntryView entry;
    bool good = begun.has_value();
    while (good) {
      const auto more = decoder_.next(entry);
      good = more.has_value();
      if (!more || !*more) break;
      if (sealed_) filter_.add(entry);
      digest_ = extend_digest(digest_, entry);
      if (!first_) first_ = entry.received;
      last_ = entry.received;
    }
    std::string filter = sealed_ ? filter_.finish(most_filter_bytes(payload.size(), header.text_bytes)) : std::string();
    return good ? filter : std::string();
  }

  // Takes the next `count` entries, which are lost, from the copy.
  Result<bool> fill(FrameWriter& writer, std::uint64_t count, std::uint64_t digest, RepairReport& report) {
    if (!filler_) return false;
    auto filled = filler_->fill(writer, count, digest_, digest);
    if (!filled || !*filled) return filled;
    if (!first_) first_ = filler_->first();
    last_ = filler_->last();
    digest_ = digest;
    lost_ = 0;
    report.filled_entries += count;
    return true;
  }

  // Takes the entries lost before an entry from the copy, or puts a gap. `digest`: the one before that entry.
  Result<void> close_gap(FrameWriter& writer, std::uint64_t digest, RepairReport& report) {
    if (lost_ > kMaxLost) {
      return fail(ErrorCode::corrupt, "its pages claim " + std::to_string(lost_) + " lost entries: no file had as many",
                  path_.string());
    }
    if (lost_ > 0) {
      const auto filled = fill(writer, lost_, digest, report);
      if (!filled) return fail(filled.error());
    }
    report.lost_entries += lost_;
    while (lost_ > 0) {
      FrameHeader gap;
      gap.kind = FrameKind::gap;
      gap.first = writer.slot().index.count;
      gap.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(lost_, std::numeric_limits<std::uint32_t>::max()));
      gap.digest = digest;
      gap.min = gap.max = gap.event_min = gap.event_max = now();
      lost_ -= gap.count;
      if (auto done = put_gap(writer, gap); !done) return done;
    }
    return {};
  }

  FileLayer& layer_;
  fs::path path_;
  File& file_;
  HeaderPage page_;
  std::uint32_t tag_;  // of the file as it is
  std::optional<Slot> slot_;
  std::optional<FileReader> copy_;
  std::optional<GapFiller> filler_;
  bool sealed_ = false;
  FrameDecoder decoder_;
  TokenFilterBuilder filter_;
  Index index_;
  std::uint64_t digest_ = 0;  // after the last frame copied
  std::optional<Timestamp> first_;
  std::optional<Timestamp> last_;
  std::uint64_t lost_ = 0;  // not written as a gap yet
};

}  // namespace

Result<void> repair_frames(FileLayer& layer, const fs::path& path, File& file, std::optional<FileReader> copy,
                           bool is_whole, RepairReport& report) {
  const auto page = read_header_page(file, path.string());
  if (!page) return fail(at_file(page.error(), path.string()));
  auto slots = read_slots(file, page->tag);
  if (!slots) return fail(at_file(std::move(slots.error()), path.string()));
  if (auto own = check_own_header(file, page->tag, *slots); !own) {
    return fail(at_file(std::move(own.error()), path.string()));
  }
  return Repair(layer, path, file, *page, std::move(slots->newest), std::move(copy)).run(is_whole, report);
}

}  // namespace towl::detail::v2
