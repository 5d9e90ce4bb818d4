#include "towl/scan.hpp"

#include <utility>

namespace towl {
namespace {

ReadOptions read_options(const ScanOptions& options) {
  return {.since = options.since, .until = options.until, .words = options.words, .layer = options.layer};
}

// More can be read of the file than what the error is about.
bool goes_on(const FileReader& reader, const Error& error) {
  return reader.continues_behind_damage() &&
         (error.code == ErrorCode::corrupt || error.code == ErrorCode::entry_too_large);
}

}  // namespace

Scan::Scan(std::vector<std::filesystem::path> paths, const ScanOptions& options)
    : paths_(std::move(paths)), options_(read_options(options)), from_(options.from) {}

Result<std::optional<ScanEntry>> Scan::next_of_file() {
  if (!reader_) {
    auto reader = FileReader::open(paths_[at_], options_);
    if (!reader) return fail(std::move(reader.error()));
    reader_.emplace(std::move(*reader));
    if (auto done = reader_->seek(std::exchange(from_, 0)); !done) return fail(std::move(done.error()));
  }
  auto entry = reader_->next();
  if (!entry) return fail(std::move(entry.error()));
  if (!*entry) return std::nullopt;
  return ScanEntry{at_, reader_->header().file_id, reader_->ordinal(), **entry};
}

Result<std::optional<ScanEntry>> Scan::next() {
  while (at_ < paths_.size()) {
    auto entry = next_of_file();
    // The last file may grow: it stays open.
    if (entry && (*entry || at_ + 1 == paths_.size())) return entry;
    if (!entry && reader_ && goes_on(*reader_, entry.error())) return entry;
    reader_.reset();
    ++at_;
    if (!entry) return entry;
  }
  return std::nullopt;
}

}  // namespace towl
