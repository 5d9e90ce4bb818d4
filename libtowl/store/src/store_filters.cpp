#include "towl/store_filters.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "filenames.hpp"
#include "filter_log.hpp"
#include "pages_io.hpp"
#include "towl/file_reader.hpp"

namespace towl {

namespace fs = std::filesystem;

namespace {

using detail::FilterLog;
using detail::LoggedFilter;
namespace v2 = detail::v2;

/// Outdated records are kept until there are as many as others, and until a rewrite is worth it.
constexpr std::uint64_t kWorthRewriting = std::uint64_t{1} << 20;

/// Records are joined to writes of about this.
constexpr std::size_t kWriteBytes = std::size_t{1} << 20;

/// A sealed file as it is now.
struct SealedFile {
  FileReader reader;
  std::uint64_t size = 0;

  std::uint64_t key() const { return v2::filter_key(reader.header(), reader.index(), size); }
};

/// nullopt: it is not sealed.
Result<std::optional<SealedFile>> open_sealed(const fs::path& path, FileLayer& layer) {
  ReadOptions options{.layer = &layer};
  options.wanted = {.sender = false, .received = false, .text = true, .time = false};
  auto reader = FileReader::open(path, options);
  if (!reader) return fail(std::move(reader.error()));
  if (!detail::is_v2(reader->header()) || !reader->index().sealed) return std::nullopt;
  const auto file = layer.open(path, OpenMode::read);
  if (!file) return fail(file.error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  return SealedFile{std::move(*reader), *size};
}

/// Reads the file. One that is damaged gets a record that says that it has no filter. Errors: closed, io.
Result<std::string> make_filter(SealedFile& file, const FilterOptions& options) {
  v2::FileFilterBuilder builder;
  v2::TokenFilterBuilder tokens;
  std::vector<Piece> pieces;
  if (auto planned = file.reader.pieces(pieces); !planned) return fail(std::move(planned.error()));
  if (auto sought = file.reader.seek(Ordinal{0}); !sought) return fail(std::move(sought.error()));
  for (;;) {
    if (options.stop && options.stop()) return fail(ErrorCode::closed, "stopped");
    const auto batch = file.reader.next_batch();
    if (!batch && batch.error().code == ErrorCode::io) return fail(batch.error());
    if (!batch) return v2::FileFilterBuilder().finish();
    if (!*batch) return builder.finish();
    std::uint64_t text_bytes = 0;
    for (const EntryView& entry : (*batch)->entries) {
      tokens.add(entry);
      text_bytes += entry.log_entry.size();
    }
    const auto after = std::upper_bound(pieces.begin(), pieces.end(), (*batch)->first,
                                        [](Ordinal first, const Piece& piece) { return first < piece.begin.ordinal; });
    const std::uint64_t end = after == pieces.end() ? file.size : after->begin.offset;
    const std::uint64_t begin = after == pieces.begin() ? 0 : std::prev(after)->begin.offset;
    builder.add_frame(tokens, (*batch)->first + (*batch)->entries.size(), end - begin, text_bytes);
    tokens.clear();
  }
}

/// Appends records to a folder's filters.
class Appender {
 public:
  Appender(const fs::path& folder, FileLayer& layer) : path_(folder / kFiltersName), layer_(layer) {}

  Result<void> add(std::string_view record) {
    pending_ += record;
    return pending_.size() >= kWriteBytes ? flush() : Result<void>();
  }

  Result<void> flush() {
    if (pending_.empty()) return {};
    if (!file_) {
      auto file = layer_.open(path_, OpenMode::read_write);
      if (!file && file.error().code == ErrorCode::not_found) file = layer_.open(path_, OpenMode::create);
      if (!file) return fail(std::move(file.error()));
      const auto size = (*file)->size();
      if (!size) return fail(size.error());
      file_ = std::move(*file);
      // A torn record at the end stays, and readers skip it.
      end_ = (*size + v2::kFilterBlockBytes - 1) / v2::kFilterBlockBytes * v2::kFilterBlockBytes;
    }
    if (auto written = file_->write_at(end_, pending_); !written) return written;
    end_ += pending_.size();
    pending_.clear();
    return {};
  }

 private:
  const fs::path path_;
  FileLayer& layer_;
  std::unique_ptr<File> file_;
  std::uint64_t end_ = 0;
  std::string pending_;
};

/// Writes the records of `log` that still count to a new file, which replaces it.
Result<void> rewrite(const fs::path& folder, FileLayer& layer, const FilterLog& log,
                     const std::vector<const LoggedFilter*>& live) {
  const fs::path path = folder / kFiltersName;
  const fs::path unfinished = path.string() + std::string(detail::kUnfinishedSuffix);
  if (auto done = layer.remove(unfinished); !done && done.error().code != ErrorCode::not_found) return done;
  auto file = layer.open(unfinished, OpenMode::create);
  if (!file) return fail(std::move(file.error()));
  std::uint64_t end = 0;
  for (const LoggedFilter* const filter : live) {
    const auto record = log.bytes(filter->offset, static_cast<std::size_t>(filter->head.bytes));
    if (!record) continue;
    if (auto written = (*file)->write_at(end, *record); !written) {
      (void)layer.remove(unfinished);
      return written;
    }
    end += record->size();
  }
  return layer.rename(unfinished, path);
}

Result<std::vector<FileId>> files_in(const fs::path& folder, FileLayer& layer) {
  const auto names = layer.list(folder);
  if (!names) return fail(names.error());
  std::vector<FileId> ids;
  for (const std::string& name : *names) {
    if (const auto id = parse_file_name(name)) ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

/// Decides which records are written again, and which are made.
class Update {
 public:
  Update(const fs::path& folder, const FilterOptions& options)
      : folder_(folder),
        options_(options),
        layer_(detail::layer_or_posix(options.layer)),
        log_(FilterLog::read(layer_, folder / kFiltersName)),
        appender_(folder, layer_) {}

  Result<FilterReport> run() {
    const auto ids = files_in(folder_, layer_);
    if (!ids) return fail(ids.error());
    for (const FileId id : *ids) {
      if (auto done = look_at(id); !done) {
        (void)appender_.flush();
        return fail(std::move(done.error()));
      }
    }
    if (auto flushed = appender_.flush(); !flushed) return fail(std::move(flushed.error()));
    if (auto done = tidy(); !done) return fail(std::move(done.error()));
    return report_;
  }

 private:
  Result<void> look_at(FileId id) {
    if (options_.stop && options_.stop()) return fail(ErrorCode::closed, "stopped");
    const fs::path path = folder_ / file_name(id);
    const std::uint64_t stamp = v2::stamp_hash(layer_.stamp(path));
    const LoggedFilter* const known = log_ ? log_->find(id) : nullptr;
    if (known != nullptr && stamp != 0 && known->head.stamp == stamp) {
      ++report_.files;
      live_.push_back(known);
      return {};
    }
    // A file that cannot be read has no filter; `verify` says why.
    auto file = open_sealed(path, layer_);
    if (!file || !*file) return {};
    const std::uint64_t key = (*file)->key();
    std::string record;
    if (known != nullptr && known->head.key == key) {
      record = log_->bytes(known->offset, static_cast<std::size_t>(known->head.bytes)).value_or("");
    }
    if (record.empty()) {
      if (read_bytes_ >= options_.most_text_bytes) {
        ++report_.missing;
        return {};
      }
      auto made = make_filter(**file, options_);
      if (!made && made.error().code == ErrorCode::closed) return fail(std::move(made.error()));
      if (!made) return {};
      read_bytes_ += (*file)->reader.index().text_bytes;
      record = std::move(*made);
      ++report_.made;
    }
    // It must not have been replaced while it was read.
    if (v2::stamp_hash(layer_.stamp(path)) != stamp) return {};
    v2::name_filter(record, (*file)->reader.header().uuid, id, key, stamp);
    ++report_.files;
    added_bytes_ += record.size();
    return appender_.add(record);
  }

  Result<void> tidy() {
    std::uint64_t live_bytes = added_bytes_;
    for (const LoggedFilter* const filter : live_) live_bytes += filter->head.bytes;
    report_.bytes = (log_ ? log_->size() : 0) + added_bytes_;
    if (report_.bytes - live_bytes < std::max(live_bytes, kWorthRewriting)) return {};
    const auto log = FilterLog::read(layer_, folder_ / kFiltersName);
    if (!log) return {};
    const auto ids = files_in(folder_, layer_);
    if (!ids) return fail(ids.error());
    std::vector<const LoggedFilter*> live;
    for (const FileId id : *ids) {
      if (const LoggedFilter* const filter = log->find(id)) live.push_back(filter);
    }
    if (auto done = rewrite(folder_, layer_, *log, live); !done) return done;
    report_.bytes = live_bytes;
    return {};
  }

  const fs::path folder_;
  const FilterOptions& options_;
  FileLayer& layer_;
  const std::optional<FilterLog> log_;
  Appender appender_;
  std::vector<const LoggedFilter*> live_;
  std::uint64_t added_bytes_ = 0;
  std::uint64_t read_bytes_ = 0;
  FilterReport report_;
};

}  // namespace

std::string filter_object_name(FileId file_id) { return "filters/" + std::to_string(file_id) + ".filter"; }

Result<FilterReport> update_filters(const fs::path& folder, const FilterOptions& options) {
  return Update(folder, options).run();
}

Result<void> add_filter(const fs::path& path, std::string_view filter, FileLayer* layer) {
  if (filter.empty()) return {};
  FileLayer& files = detail::layer_or_posix(layer);
  const auto id = parse_file_name(path.filename().string());
  if (!id) return {};
  const std::uint64_t stamp = v2::stamp_hash(files.stamp(path));
  const auto file = open_sealed(path, files);
  if (!file) return fail(file.error());
  const auto head = v2::decode_filter_head(filter);
  if (!*file || !head || head->file_id != *id || head->key != (*file)->key()) return {};
  std::string record(filter);
  v2::name_filter(record, head->uuid, *id, head->key, stamp);
  if (v2::stamp_hash(files.stamp(path)) != stamp) return {};
  Appender appender(path.parent_path(), files);
  if (auto added = appender.add(record); !added) return added;
  return appender.flush();
}

Result<std::string> archived_filter(const fs::path& path, std::string_view stamp, const FilterOptions& options) {
  FileLayer& files = detail::layer_or_posix(options.layer);
  auto file = open_sealed(path, files);
  if (!file) return fail(std::move(file.error()));
  if (!*file) return fail(ErrorCode::invalid_argument, "only sealed files have filters", path.string());
  const FileId id = (*file)->reader.header().file_id;
  const std::uint64_t key = (*file)->key();
  std::string record;
  if (const auto log = FilterLog::read(files, path.parent_path() / kFiltersName)) {
    const LoggedFilter* const known = log->find(id);
    if (known != nullptr && known->head.key == key) {
      record = log->bytes(known->offset, static_cast<std::size_t>(known->head.bytes)).value_or("");
    }
  }
  if (record.empty()) {
    auto made = make_filter(**file, options);
    if (!made) return made;
    record = std::move(*made);
  }
  v2::name_filter(record, (*file)->reader.header().uuid, id, key, v2::stamp_hash(stamp));
  return record;
}

std::uint64_t filter_bytes(const fs::path& path, FileLayer* layer) {
  FileLayer& files = detail::layer_or_posix(layer);
  const auto id = parse_file_name(path.filename().string());
  const auto log = FilterLog::read(files, path.parent_path() / kFiltersName);
  if (!id || !log) return 0;
  const LoggedFilter* const known = log->find(*id);
  const bool counts = known != nullptr && known->head.stamp == v2::stamp_hash(files.stamp(path));
  return counts ? known->head.bytes : 0;
}

}  // namespace towl
