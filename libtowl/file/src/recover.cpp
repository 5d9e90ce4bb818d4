#include "towl/recover.hpp"

#include <algorithm>
#include <string>

#include "entry_cursor.hpp"
#include "pages_io.hpp"
#include "v1/layout.hpp"

namespace towl {

namespace fs = std::filesystem;
using detail::v1::Found;
using detail::v1::kDataOffset;

namespace {

// What reading all entries tells.
struct Scan {
  Position end{0, kDataOffset};
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  Found stopped_by = Found::incomplete;
};

Result<Scan> scan(File& file) {
  Scan scan;
  detail::EntryCursor cursor(file, scan.end);
  EntryView entry;
  for (;;) {
    const auto found = cursor.next(entry);
    if (!found) return fail(found.error());
    if (*found != Found::entry) {
      scan.stopped_by = *found;
      scan.end = cursor.position();
      return scan;
    }
    if (!scan.first) scan.first = entry.received;
    scan.last = entry.received;
  }
}

Result<void> copy(File& from, std::uint64_t begin, std::uint64_t end, File& to) {
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kReadBufferBytes, end - begin)), '\0');
  for (std::uint64_t at = begin; at < end;) {
    const auto got = from.read_at(
        at, std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - at))));
    if (!got) return fail(got.error());
    if (*got == 0) break;
    if (auto put = to.write_at(at - begin, std::string_view(buffer).substr(0, *got)); !put) return put;
    at += *got;
  }
  return {};
}

Result<bool> exists(FileLayer& layer, const fs::path& path) {
  const auto file = layer.open(path, OpenMode::read);
  if (file) return true;
  if (file.error().code == ErrorCode::not_found) return false;
  return fail(file.error());
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// Copies [begin, end) of the file to `PATH.torn`, or the first free `PATH.torn.N`: complete under that name or not
// there. Returns the name.
Result<fs::path> save_tail(FileLayer& layer, const fs::path& path, File& file, std::uint64_t begin, std::uint64_t end) {
  const fs::path base = path.string() + ".torn";
  const fs::path unfinished = base.string() + ".new";
  if (const auto removed = layer.remove(unfinished); !removed && removed.error().code != ErrorCode::not_found) {
    return fail(removed.error());
  }
  auto saved = layer.open(unfinished, OpenMode::create);
  if (!saved) return fail(saved.error());
  if (auto copied = copy(file, begin, end, **saved); !copied) return fail(copied.error());
  if (auto synced = (*saved)->sync(); !synced) return fail(synced.error());
  fs::path name = base;
  for (int i = 1;; ++i) {
    const auto taken = exists(layer, name);
    if (!taken) return fail(taken.error());
    if (!*taken) break;
    name = base.string() + "." + std::to_string(i);
  }
  if (auto renamed = layer.rename(unfinished, name); !renamed) return fail(renamed.error());
  if (auto synced = layer.sync_folder(folder_of(path)); !synced) return fail(synced.error());
  return name;
}

// Whether the page says what was found. `last` may be missing with one entry: older writers leave it out.
bool agrees(const Index& page, const Index& found) {
  if (found.count != 1 || page.last) return page == found;
  return page.opened == found.opened && page.closed == found.closed && page.count == 1 && page.first == found.first;
}

Index index_for(const Scan& scan, const Result<Index>& page, bool torn) {
  Index index{.opened = scan.first.value_or(0),
              .closed = {},
              .count = scan.end.ordinal,
              .first = scan.first,
              .last = scan.last};
  if (page) {
    index.opened = page->opened;
    if (!torn && page->count == index.count) index.closed = page->closed;
  }
  return index;
}

}  // namespace

Result<RecoverReport> recover(const fs::path& path, const RecoverOptions& options) {
  FileLayer& layer = detail::layer_or_posix(options.layer);
  const auto file = layer.open(path, OpenMode::read_write);
  if (!file) return fail(file.error());
  const auto header = detail::read_header(**file, path.string());
  if (!header) return fail(header.error());
  const auto page = detail::read_index(**file, path.string());
  if (!page && page.error().code != ErrorCode::corrupt) return fail(page.error());
  const auto found = scan(**file);
  if (!found) return fail(found.error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());

  RecoverReport report{.header = *header, .index = {}, .data_end = found->end.offset};
  const bool torn = *size > found->end.offset;
  if (torn) {
    report.torn_bytes = *size - found->end.offset;
    report.reason = std::string(detail::v1::describe(found->stopped_by));
    const auto saved = save_tail(layer, path, **file, found->end.offset, *size);
    if (!saved) return fail(saved.error());
    report.torn_file = saved->string();
    if (auto cut = (*file)->truncate(found->end.offset); !cut) return fail(cut.error());
  }
  report.index = index_for(*found, page, torn);
  report.index_rewritten = !page || !agrees(*page, report.index);
  if (report.index_rewritten) {
    if (auto written = detail::write_index(**file, report.index); !written) return fail(written.error());
  }
  if (torn || report.index_rewritten) {
    if (auto synced = (*file)->sync(); !synced) return fail(synced.error());
  }
  return report;
}

}  // namespace towl
