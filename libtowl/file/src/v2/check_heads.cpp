#include <algorithm>
#include <utility>

#include "pages_io.hpp"
#include "towl/file_reader.hpp"
#include "towl/signed_heads.hpp"
#include "v2/frame_walker.hpp"
#include "v2/head.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"
#include "v2/tail.hpp"

namespace towl {
namespace {

using namespace detail::v2;

// A head's offset in the file, 0 if it is another copy's, and what it says.
struct PlacedHead {
  std::uint64_t offset = 0;
  Head head;
};

struct Heads {
  Header header;
  Index index;
  std::vector<PlacedHead> heads;  // by count
  std::vector<Finding> findings;
};

// In a sealed file the frames with heads come after the entries; in other files they are between them.
Result<Heads> find_heads(const std::filesystem::path& path, FileLayer* layer) {
  const auto file = detail::layer_or_posix(layer).open(path, OpenMode::read);
  if (!file) return fail(file.error());
  auto header = detail::read_header(**file, path.string());
  if (!header) return fail(std::move(header.error()));
  if (!detail::is_v2(*header)) {
    return fail(ErrorCode::invalid_argument, "a file of format 1 is not signed", path.string());
  }
  const auto tag = tag_of(**file, *header);
  if (!tag) return fail(detail::at_file(tag.error(), path.string()));
  const auto slots = read_slots(**file, *tag);
  if (!slots) return fail(slots.error());
  const auto first = first_slot(**file);
  if (!first) return fail(first.error());
  Heads found{.header = std::move(*header),
              .index = slots->newest ? slots->newest->index : Index{},
              .heads = {},
              .findings = {}};
  WalkStart start = start_of(*first);
  if (slots->footer) start = start_of(*slots->newest);
  FrameWalker walker(**file, *tag, slots->newest, start);
  FrameHeader frame;
  for (;;) {
    const auto walked = walker.next_of_any_kind(frame);
    if (!walked) return fail(walked.error());
    if (*walked == Walked::end) break;
    if (*walked != Walked::frame || frame.kind != FrameKind::head) continue;
    std::string_view stored;
    const auto whole = walker.is_whole(stored);
    if (!whole) return fail(whole.error());
    auto head = *whole ? decode_head(payload_of(stored, frame)) : std::nullopt;
    if (head && head->head.count <= frame.first) {
      found.heads.push_back({walker.frame_offset(), std::move(*head)});
    } else {
      found.findings.push_back({walker.frame_offset(), std::nullopt, "a signed head that makes no sense"});
    }
  }
  if (!slots->footer) found.index.count = walker.position().ordinal;
  std::stable_sort(found.heads.begin(), found.heads.end(),
                   [](const auto& a, const auto& b) { return a.head.head.count < b.head.head.count; });
  return found;
}

std::string range(std::uint64_t first, std::uint64_t end) {
  return end - first == 1 ? "entry " + std::to_string(first)
                          : "entries " + std::to_string(first) + " to " + std::to_string(end - 1);
}

class HeadCheck {
 public:
  HeadCheck(std::filesystem::path path, Heads found, const CheckHeadsOptions& options)
      : path_(std::move(path)), found_(std::move(found)), options_(options) {
    report_.count = found_.index.count;
    report_.findings = std::move(found_.findings);
  }

  Result<HeadsReport> run() {
    choose_heads();
    if (auto done = walk(); !done) return fail(std::move(done.error()));
    if (found_.index.closed && report_.proved < report_.count) {
      add(0, report_.proved,
          report_.heads == 0 ? "nothing of this file is signed by that key"
                             : range(report_.proved, report_.count) + " are not signed, though the file is closed");
    }
    return std::move(report_);
  }

 private:
  void add(std::uint64_t offset, std::optional<Ordinal> ordinal, std::string what) {
    report_.findings.push_back({offset, ordinal, std::move(what)});
  }

  bool is_known(const std::string& key) const {
    return std::find(options_.public_keys.begin(), options_.public_keys.end(), key) != options_.public_keys.end();
  }

  bool is_signed(const SignedHead& head) const {
    return is_known(head.public_key) &&
           options_.check(head.public_key, head_message(found_.header, head), head.signature);
  }

  void choose_heads() {
    for (PlacedHead& placed : found_.heads) {
      const SignedHead& head = placed.head.head;
      if (is_signed(head)) {
        ++report_.heads;
        good_.push_back(std::move(placed));
      } else if (!is_known(head.public_key)) {
        add(placed.offset, std::nullopt, "a head that another key has signed");
      } else {
        add(placed.offset, std::nullopt, "a head whose signature is not its own: it was altered, or moved here");
      }
    }
    for (const SignedHead& head : options_.others) {
      if (is_signed(head)) good_.push_back({0, {head, {}}});
    }
    std::stable_sort(good_.begin(), good_.end(),
                     [](const auto& a, const auto& b) { return a.head.head.count < b.head.head.count; });
  }

  Result<void> walk() {
    auto reader = FileReader::open(path_, {.layer = options_.layer});
    if (!reader) return fail(std::move(reader.error()));
    std::size_t i = 0;
    for (; i < good_.size() && good_[i].head.head.count <= options_.from; ++i) {
      if (good_[i].offset != 0) tree_ = good_[i].head.tree;
    }
    report_.proved = tree_.count();
    if (auto sought = reader->seek(tree_.count()); !sought) return sought;
    for (; i < good_.size(); ++i) {
      if (good_[i].head.head.count > report_.count) {
        add(good_[i].offset, report_.count,
            range(report_.count, good_[i].head.head.count) + " were signed and are not here");
        return {};
      }
      if (auto done = hash_to(*reader, good_[i].head.head.count); !done) return done;
      compare(good_[i]);
    }
    return {};
  }

  // Lost entries are assumed to have been missing when the head was signed: the root shows whether they were.
  Result<void> hash_to(FileReader& reader, std::uint64_t count) {
    while (tree_.count() < count) {
      const auto entry = reader.next();
      if (!entry && !reader.continues_behind_damage()) return fail(entry.error());
      if (!entry && entry.error().code == ErrorCode::io) return fail(entry.error());
      if (!entry) continue;
      const std::uint64_t next = *entry ? std::min(reader.ordinal(), count) : count;
      is_lossy_ |= next > tree_.count();
      tree_.add_lost(next - tree_.count());
      if (!*entry) return {};
      if (reader.ordinal() >= count) return reader.seek(count);
      tree_.add(**entry);
    }
    return {};
  }

  void compare(const PlacedHead& placed) {
    const SignedHead& head = placed.head.head;
    if (tree_.root() == head.root) {
      is_lossy_ = false;
      report_.proved = head.count;
      return;
    }
    const std::string which = range(report_.proved, head.count);
    if (placed.offset == 0) {
      add(0, report_.proved,
          "a head of the other copy is of other entries than these, among " + which + ": one of the two was rewritten");
      return;
    }
    add(placed.offset, report_.proved,
        is_lossy_ ? "of " + which + " some are lost, so that nothing proves the others"
                  : "among " + which + " there are others than were signed");
    // From this signed count on, the rest can be proved.
    tree_ = placed.head.tree;
    is_lossy_ = false;
    report_.proved = head.count;
  }

  std::filesystem::path path_;
  Heads found_;
  const CheckHeadsOptions& options_;
  HeadsReport report_;
  std::vector<PlacedHead> good_;
  EntryTree tree_;
  bool is_lossy_ = false;  // since the last head
};

}  // namespace

Result<std::vector<SignedHead>> read_heads(const std::filesystem::path& path, FileLayer* layer) {
  auto found = find_heads(path, layer);
  if (!found) return fail(std::move(found.error()));
  std::vector<SignedHead> heads;
  for (PlacedHead& placed : found->heads) heads.push_back(std::move(placed.head.head));
  return heads;
}

Result<HeadsReport> check_heads(const std::filesystem::path& path, const CheckHeadsOptions& options) {
  auto found = find_heads(path, options.layer);
  if (!found) return fail(std::move(found.error()));
  return HeadCheck(path, std::move(*found), options).run();
}

}  // namespace towl
