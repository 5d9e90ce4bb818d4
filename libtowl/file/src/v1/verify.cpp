#include <string>

#include "pages_io.hpp"
#include "v1/entry_cursor.hpp"
#include "v1/pages.hpp"
#include "verify_file.hpp"

namespace towl::detail::v1 {
namespace {

std::string text_of(const std::optional<Timestamp>& time) {
  return time ? std::string(format_rfc3339(*time).view()) : "none";
}

class Verifier {
 public:
  Verifier(File& file, std::string path) : file_(file), path_(std::move(path)) {}

  Result<VerifyReport> run() {
    const auto size = file_.size();
    if (!size) return fail(size.error());
    report_.size = *size;
    if (auto done = check_header(); !done) return fail(done.error());
    if (auto done = check_index(); !done) return fail(done.error());
    if (auto done = check_entries(); !done) return fail(done.error());
    if (has_index_ && report_.index.closed) check_closed_index();
    return std::move(report_);
  }

 private:
  void add(std::uint64_t offset, std::string what, std::optional<Ordinal> ordinal = {}) {
    report_.findings.push_back({offset, ordinal, std::move(what)});
  }

  Result<void> check_header() {
    auto header = read_header(file_, path_);
    if (!header && header.error().code != ErrorCode::corrupt) return fail(std::move(header.error()));
    if (!header) {
      add(0, header.error().message);
      return {};
    }
    report_.header = std::move(*header);
    const auto page = read_bytes(file_, kHeaderOffset, kPageBytes);
    if (!page) return fail(page.error());
    if (const auto at = header_padding_error(*page)) {
      add(*at, "the header page holds bytes that are not zero after its values");
    }
    return {};
  }

  Result<void> check_index() {
    auto index = read_index(file_, report_.header, path_);
    if (!index && index.error().code != ErrorCode::corrupt) return fail(std::move(index.error()));
    if (!index) {
      add(kIndexOffset, index.error().message);
      return {};
    }
    has_index_ = true;
    report_.index = *index;
    const auto page = read_bytes(file_, kIndexOffset, kPageBytes);
    if (!page) return fail(page.error());
    if (!decode_index_page(*page)) return {};  // A writer is writing it right now.
    if (const auto at = index_padding_error(*page)) {
      add(kIndexOffset + *at, "the index page holds bytes that are not zero after its values");
    }
    return {};
  }

  Result<void> check_entries() {
    EntryCursor cursor(file_, {0, kDataOffset});
    EntryView entry;
    for (;;) {
      const auto before = file_.size();
      if (!before) return fail(before.error());
      auto found = cursor.next(entry);
      while (found && *found == Found::entry) {
        if (!first_) first_ = entry.received;
        last_ = entry.received;
        found = cursor.next(entry);
      }
      if (!found) return fail(found.error());
      const Position end = cursor.position();
      report_.count = end.ordinal;
      report_.data_end = end.offset;
      const auto after = file_.size();
      if (!after) return fail(after.error());
      if (*found == Found::incomplete && *after > *before) continue;  // A writer was in the middle of an entry.
      if (*found != Found::incomplete || *after > end.offset) {
        add(end.offset,
            std::string(describe(*found)) + "; " + std::to_string(*after - end.offset) +
                " bytes from here on cannot be read",
            end.ordinal);
      }
      return {};
    }
  }

  void check_closed_index() {
    const Index& index = report_.index;
    if (index.count != report_.count) {
      add(kIndexOffset, "the index of the closed file counts " + std::to_string(index.count) + " entries; there are " +
                            std::to_string(report_.count));
      return;
    }
    if (index.first != first_) {
      add(kIndexOffset,
          "the index says that the first entry is of " + text_of(index.first) + "; it is of " + text_of(first_));
    }
    if (index.last != last_ && !(index.count == 1 && !index.last)) {
      add(kIndexOffset,
          "the index says that the last entry is of " + text_of(index.last) + "; it is of " + text_of(last_));
    }
  }

  File& file_;
  std::string path_;
  VerifyReport report_;
  bool has_index_ = false;
  std::optional<Timestamp> first_;
  std::optional<Timestamp> last_;
};

}  // namespace

Result<VerifyReport> verify(File& file, const std::string& path) { return Verifier(file, path).run(); }

}  // namespace towl::detail::v1
