#include <algorithm>
#include <string>

#include "pages_io.hpp"
#include "v2/digest.hpp"
#include "v2/footer_io.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/frame_walker.hpp"
#include "v2/header_io.hpp"
#include "v2/positions.hpp"
#include "v2/slots.hpp"
#include "v2/tail.hpp"
#include "verify_file.hpp"

namespace towl::detail::v2 {
namespace {

std::string entries(const FrameHeader& header) {
  return lost_text({.first = header.first, .last = header.end(), .what = {}});
}

/// The earliest and the latest of some times.
struct TimeRange {
  Timestamp earliest = 0;
  Timestamp latest = 0;

  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

std::optional<TimeRange> range(const std::optional<Timestamp>& earliest, const std::optional<Timestamp>& latest) {
  return earliest && latest ? std::optional(TimeRange{*earliest, *latest}) : std::nullopt;
}

void add_to(std::optional<TimeRange>& all, const TimeRange& more) {
  all = all ? TimeRange{std::min(all->earliest, more.earliest), std::max(all->latest, more.latest)} : more;
}

class Verifier {
 public:
  Verifier(File& file, std::string path, const Header& header, std::uint32_t tag)
      : file_(file), path_(std::move(path)), tag_(tag) {
    report_.header = header;
  }

  Result<VerifyReport> run() {
    const auto size = file_.size();
    if (!size) return fail(size.error());
    report_.size = *size;
    if (auto done = check_front(); !done) return fail(done.error());
    if (auto done = check_slots(); !done) return fail(done.error());
    if (auto done = check_entries(); !done) return fail(done.error());
    check_index();
    report_.lost = lost_;
    if (report_.index.sealed) {
      if (auto done = check_trailer(); !done) return fail(done.error());
    }
    return std::move(report_);
  }

 private:
  void add(std::uint64_t offset, std::string what, std::optional<Ordinal> ordinal = {}) {
    report_.findings.push_back({offset, ordinal, std::move(what)});
  }

  Result<void> check_front() {
    const auto page = read_bytes(file_, kHeaderOffset, kPageBytes);
    if (!page) return fail(page.error());
    if (auto header = decode_header_page(*page); !header) add(kHeaderOffset, header.error().message);
    if (tag_ != file_tag(report_.header.uuid)) {
      add(kHeaderOffset, "no copy of the header can be read: org, title and UUID are lost");
    }
    const auto repeated = read_repeated_header(file_);
    if (!repeated && repeated.error().code == ErrorCode::io) return fail(repeated.error());
    if (!repeated) {
      add(kFramesOffset, repeated.error().message);
    } else if (repeated->header != report_.header) {
      add(kFramesOffset, "the frame that repeats the header page says something else");
    }
    return {};
  }

  Result<void> check_slots() {
    auto slots = read_slots(file_, tag_);
    // A writer may be writing one of them right now.
    if (slots && (slots->damaged[0] || slots->damaged[1])) slots = read_slots(file_, tag_);
    if (!slots) return fail(std::move(slots.error()));
    for (std::size_t i = 0; i < kSlots; ++i) {
      if (slots->damaged[i]) add(kIndexOffset + i * kSlotBytes, "an index slot does not fit its checksum");
    }
    if (!slots->newest) {
      add(kIndexOffset, "neither index slot can be read");
      return {};
    }
    newest_ = slots->newest;
    slot_ = *newest_;
    report_.index = slot_.index;
    // Once there are two, there are always two; a sealed file has only one.
    if (!report_.index.sealed && slot_.sequence > 1 && (slots->unused[0] || slots->unused[1])) {
      add(kIndexOffset, "an index slot was overwritten with zeros");
    }
    return {};
  }

  Result<void> check_entries() {
    // Where the chain begins is known from the header page, even if the frame that repeats it is damaged.
    const auto first = first_slot(file_);
    if (!first) return fail(first.error());
    FrameWalker walker(file_, tag_, newest_, start_of(*first));
    FrameHeader header;
    std::string_view frame;
    for (;;) {
      auto walked = walker.next_of_any_kind(header);
      if (walked && *walked == Walked::frame && !holds_entries(header.kind)) {
        const auto whole = walker.is_whole(frame);
        if (!whole) return fail(whole.error());
        if (!*whole) add(walker.frame_offset(), "a frame without entries is not whole; no entry is lost");
        if (!*whole) continue;
      } else if (walked && *walked == Walked::frame) {
        walked = walker.stored(frame);
      }
      if (!walked) return fail(walked.error());
      if (*walked == Walked::end) break;
      if (*walked == Walked::damage) {
        const Damage& damage = walker.damage();
        add(damage.offset, lost_text(damage), damage.first);
        digest_known_ = false;
      } else if (auto done = check_frame(header, frame, walker.frame_offset()); !done) {
        return done;
      }
    }
    report_.count = walker.position().ordinal;
    report_.data_end = walker.position().offset;
    check_slots_end();
    return check_end(walker);
  }

  Result<void> check_end(const FrameWalker& walker) {
    const auto size = file_.size();
    if (!size) return fail(size.error());
    if (report_.index.sealed || *size <= report_.data_end) return {};
    // More than when the walk ended: a writer is appending.
    FrameHeader header;
    FrameCursor cursor(file_, tag_, report_.data_end);
    const auto found = cursor.header(header);
    if (!found) return fail(found.error());
    if (*found == FrameFound::frame && header.first == report_.count && walker.torn().empty()) return {};
    add(report_.data_end,
        "a torn tail: " + std::to_string(*size - report_.data_end) + " bytes from here on are no whole frame",
        report_.count);
    return {};
  }

  // The slot's entries must end with its last frame: another frame there is of another life of the file.
  void check_slots_end() {
    if (!newest_ || slot_.index.count == 0 || is_slots_end_met_ || !report_.findings.empty()) return;
    add(kIndexOffset, "no frame ends where the index page says that its entries end");
  }

  Result<void> check_frame(const FrameHeader& header, std::string_view frame, std::uint64_t offset) {
    if (newest_ && offset + header.bytes() == slot_.data_end) {
      is_slots_end_met_ = true;
      if (header.header_checksum != slot_.chain) {
        add(offset, "the frame is not the one that the index page says its entries end with", header.first);
      }
    }
    if (header.kind == FrameKind::header) check_copy(header, frame, offset);
    if (!holds_entries(header.kind)) return {};
    directory_.push_back(directory_entry(header, offset));
    std::vector<SourcePosition> positions;
    if (!check_positions(frame, header) || !read_positions(positions_of(frame, header), positions)) {
      add(offset, "positions of sources do not fit their checksum; no entry is lost", header.first);
    }
    if (header.kind == FrameKind::gap) {
      lost_ += header.count;
      digest_ = header.digest;
      digest_known_ = true;
    } else {
      check_entries_of(header, frame, offset);
    }
    if (header.end() == slot_.index.count) at_slot_ = {digest_, digest_known_};
    return {};
  }

  void check_copy(const FrameHeader& header, std::string_view frame, std::uint64_t offset) {
    if (digest_known_ && header.digest != digest_) {
      add(offset, "the digest of the entries before this frame is not theirs", header.first);
    }
    const auto page = decode_header_page(payload_of(frame, header));
    if (!page || page->header != report_.header) {
      add(offset, "a frame that repeats the header page says something else");
    }
  }

  void check_entries_of(const FrameHeader& header, std::string_view frame, std::uint64_t offset) {
    if (digest_known_ && header.digest != digest_) {
      add(offset, "the digest of the entries before this frame is not theirs", header.first);
    }
    digest_ = header.digest;
    digest_known_ = true;
    ++frames_;
    auto begun = decoder_.begin(header, payload_of(frame, header));
    std::optional<TimeRange> received;
    std::optional<TimeRange> event;
    EntryView entry;
    while (begun) {
      const auto more = decoder_.next(entry);
      if (!more) begun = fail(more.error());
      if (!more || !*more) break;
      add_to(received, {entry.received, entry.received});
      add_to(event, {entry.time(), entry.time()});
      if (header.first == 0 && !first_) first_ = entry.received;
      last_ = entry.received;
      digest_ = extend_digest(digest_, entry);
      text_bytes_ += entry.sender.size() + entry.log_entry.size();
    }
    if (!begun) {
      add(offset, begun.error().message + entries(header), header.first);
      digest_known_ = false;
    } else if (received != TimeRange{header.min, header.max} ||
               event != TimeRange{header.event_min, header.event_max}) {
      add(offset, "the frame's earliest and latest times are not those of its entries", header.first);
    }
    if (received) add_to(received_, *received);
    if (event) add_to(event_, *event);
  }

  // A slot says what was durable when it was written, not more.
  void check_index() {
    if (!newest_) return;
    const Index& index = report_.index;
    if (index.count == 0 || !at_slot_.known) return;
    if (at_slot_.digest != index.digest) add(kIndexOffset, "the index page's digest is not that of its entries");
    if (!index.closed || index.count != report_.count || lost_ > 0 || !report_.findings.empty()) return;
    if (index.first != first_ || index.last != last_ || range(index.min, index.max) != received_ ||
        range(index.event_min, index.event_max) != event_ || index.text_bytes != text_bytes_ ||
        index.frames != frames_) {
      add(kIndexOffset, "the index page of the closed file is not that of its entries");
    }
  }

  Result<void> check_trailer() {
    const auto footer = read_footer(file_, tag_);
    if (!footer) return fail(footer.error());
    if (!*footer) {
      add(report_.data_end, "the footer of the sealed file is damaged");
      return {};
    }
    const auto directory = read_directory(file_, tag_, **footer);
    if (!directory) return fail(directory.error());
    if (!*directory) {
      add((*footer)->directory_offset, "the directory of the sealed file is damaged");
    } else if (report_.findings.empty() && !std::equal(directory_.begin(), directory_.end(), (*directory)->begin(),
                                                       (*directory)->end(), [](DirectoryEntry a, DirectoryEntry b) {
                                                         a.filter_offset = b.filter_offset = 0;
                                                         return a == b;
                                                       })) {
      add((*footer)->directory_offset, "the directory of the sealed file is not that of its frames");
    }
    return check_trailing_frames(**footer);
  }

  // Filters, directory, footer: back to back up to the file's end.
  Result<void> check_trailing_frames(const Footer& footer) {
    FrameCursor cursor(file_, tag_, footer.slot.data_end);
    std::optional<std::uint32_t> chain = footer.slot.chain;
    FrameHeader header;
    std::string_view payload;
    while (cursor.offset() < report_.size) {
      auto found = cursor.header(header);
      if (found && *found == FrameFound::frame) found = cursor.payload(header, payload);
      if (!found) return fail(found.error());
      if (*found != FrameFound::frame || header.kind < FrameKind::filter || header.previous != *chain) {
        add(cursor.offset(), "a filter, directory or footer frame is damaged; no entry is lost");
        return {};
      }
      chain = header.header_checksum;
      cursor.move_to(cursor.offset() + header.bytes());
    }
    if (header.kind != FrameKind::footer) add(report_.size, "the sealed file does not end with its footer");
    return {};
  }

  struct DigestAt {
    std::uint64_t digest = 0;
    bool known = false;
  };

  File& file_;
  std::string path_;
  std::uint32_t tag_;
  VerifyReport report_;
  std::optional<Slot> newest_;
  Slot slot_;
  bool is_slots_end_met_ = false;
  FrameDecoder decoder_;
  Directory directory_;
  std::uint64_t digest_ = 0;
  bool digest_known_ = true;
  DigestAt at_slot_;
  std::uint64_t frames_ = 0;
  std::uint64_t lost_ = 0;  // to gaps
  std::uint64_t text_bytes_ = 0;
  std::optional<Timestamp> first_;
  std::optional<Timestamp> last_;
  std::optional<TimeRange> received_;
  std::optional<TimeRange> event_;
};

}  // namespace

Result<VerifyReport> verify(File& file, const std::string& path, const Header& header) {
  const auto tag = tag_of(file, header);
  if (!tag) return fail(at_file(tag.error(), path));
  return Verifier(file, path, header, *tag).run();
}

}  // namespace towl::detail::v2
