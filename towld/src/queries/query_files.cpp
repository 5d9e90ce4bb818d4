#include "queries/query_files.hpp"

#include <algorithm>
#include <charconv>

namespace towld {
namespace {

class Gatherer {
 public:
  explicit Gatherer(const towl::Catalog& catalog) : catalog_(catalog) {}

  // After the count, entries are not durable yet.
  void add(const towl::ServedFile& file, FileRange range) {
    range.end = std::min<towl::Ordinal>(range.end, file.index.count);
    if (range.from >= range.end) return;
    found.files.push_back({.path = catalog_.path_of(range.file), .from = range.from, .end = range.end});
    found.ids.push_back(range.file);
  }

  QueryFiles found;

 private:
  const towl::Catalog& catalog_;
};

/// nullptr if it is not there.
const towl::ServedFile* find(const towl::ServedFiles& files, towl::FileId id) {
  if (files.open && files.open->file_id() == id) return &*files.open;
  const auto found =
      std::lower_bound(files.closed->begin(), files.closed->end(), id,
                       [](const towl::ServedFile& file, towl::FileId wanted) { return file.file_id() < wanted; });
  return found != files.closed->end() && found->file_id() == id ? &*found : nullptr;
}

/// What of `ranges` comes at or after the cursor (backwards: before it). They are in the order of the search, forwards.
void cut_at(const QueryCursor& cursor, towl::Order order, std::vector<FileRange>& ranges) {
  if (cursor.file == 0) return;
  const bool forwards = order == towl::Order::forwards;
  // A file may be there in several parts.
  const auto holds = [&](const FileRange& range) {
    return range.file == cursor.file && range.from <= cursor.ordinal && cursor.ordinal <= range.end;
  };
  const auto at = std::find_if(ranges.begin(), ranges.end(), holds);
  if (at == ranges.end()) {
    std::erase_if(ranges, [&](const FileRange& range) {
      if (range.file != cursor.file) return (range.file < cursor.file) == forwards;
      return forwards ? range.end <= cursor.ordinal : range.from >= cursor.ordinal;
    });
  } else if (forwards) {
    at->from = cursor.ordinal;
    ranges.erase(ranges.begin(), at);
  } else {
    at->end = cursor.ordinal;
    ranges.erase(at + 1, ranges.end());
  }
}

}  // namespace

std::optional<QueryCursor> read_query_cursor(std::string_view text) {
  QueryCursor cursor;
  const char* end = text.data() + text.size();
  const auto file = std::from_chars(text.data(), end, cursor.file);
  if (file.ec != std::errc() || file.ptr == end || *file.ptr != ':') return std::nullopt;
  const auto ordinal = std::from_chars(file.ptr + 1, end, cursor.ordinal);
  if (ordinal.ec != std::errc() || ordinal.ptr != end || cursor.file == 0) return std::nullopt;
  return cursor;
}

towl::Result<QueryFiles> files_of(const towl::Catalog& catalog, const QueryScope& scope) {
  const auto files = catalog.files();
  if (!files) return towl::fail(files.error());
  std::vector<FileRange> ranges = scope.files;
  if (ranges.empty()) {
    files->each_after(0, [&](const towl::ServedFile& file) {
      ranges.push_back({.file = file.file_id()});
      return true;
    });
  }
  cut_at(scope.cursor, scope.order, ranges);
  Gatherer gatherer(catalog);
  for (const FileRange& range : ranges) {
    const towl::ServedFile* const file = find(*files, range.file);
    if (file != nullptr) {
      gatherer.add(*file, range);
    } else if (!scope.files.empty()) {
      return towl::fail(towl::ErrorCode::not_found, "there is no file " + std::to_string(range.file));
    }
  }
  return std::move(gatherer.found);
}

}  // namespace towld
