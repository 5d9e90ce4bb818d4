#include <string>

#include "entry_cursor.hpp"
#include "pages_io.hpp"
#include "towl/recover.hpp"
#include "v1/pages.hpp"

namespace towl {

using detail::v1::Found;
using detail::v1::kDataOffset;
using detail::v1::kPageBytes;

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

  Result<std::string> page_at(std::uint64_t offset) {
    std::string page(kPageBytes, '\0');
    const auto got = file_.read_at(offset, page);
    if (!got) return fail(got.error());
    page.resize(*got);
    return page;
  }

  Result<void> check_header() {
    auto header = detail::read_header(file_, path_);
    if (!header && header.error().code != ErrorCode::corrupt) return fail(std::move(header.error()));
    if (!header) {
      add(0, header.error().message);
      return {};
    }
    report_.header = std::move(*header);
    const auto page = page_at(detail::v1::kHeaderOffset);
    if (!page) return fail(page.error());
    if (const auto at = detail::v1::header_padding_error(*page)) {
      add(*at, "the header page holds bytes that are not zero behind its values");
    }
    return {};
  }

  Result<void> check_index() {
    auto index = detail::read_index(file_, path_);
    if (!index && index.error().code != ErrorCode::corrupt) return fail(std::move(index.error()));
    if (!index) {
      add(detail::v1::kIndexOffset, index.error().message);
      return {};
    }
    has_index_ = true;
    report_.index = *index;
    const auto page = page_at(detail::v1::kIndexOffset);
    if (!page) return fail(page.error());
    if (!detail::v1::decode_index_page(*page)) return {};  // A writer is at it right now.
    if (const auto at = detail::v1::index_padding_error(*page)) {
      add(detail::v1::kIndexOffset + *at, "the index page holds bytes that are not zero behind its values");
    }
    return {};
  }

  Result<void> check_entries() {
    detail::EntryCursor cursor(file_, {0, kDataOffset});
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
            std::string(detail::v1::describe(*found)) + "; " + std::to_string(*after - end.offset) +
                " bytes from here on cannot be read",
            end.ordinal);
      }
      return {};
    }
  }

  void check_closed_index() {
    const Index& index = report_.index;
    if (index.count != report_.count) {
      add(detail::v1::kIndexOffset, "the index of the closed file counts " + std::to_string(index.count) +
                                        " entries; there are " + std::to_string(report_.count));
      return;
    }
    if (index.first != first_) {
      add(detail::v1::kIndexOffset,
          "the index says that the first entry is of " + text_of(index.first) + "; it is of " + text_of(first_));
    }
    if (index.last != last_ && !(index.count == 1 && !index.last)) {
      add(detail::v1::kIndexOffset,
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

Result<VerifyReport> verify(const std::filesystem::path& path, const RecoverOptions& options) {
  const auto file = detail::layer_or_posix(options.layer).open(path, OpenMode::read);
  if (!file) return fail(file.error());
  return Verifier(**file, path.string()).run();
}

}  // namespace towl
