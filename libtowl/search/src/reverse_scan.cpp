#include <utility>

#include "towl/scan.hpp"

namespace towl {
namespace {

// Entries can be read forwards alone. So a file is walked once to note where blocks begin, and the blocks are then
// read from the last to the first, each held in memory while it is handed out backwards.
constexpr std::uint64_t kBlockBytes = std::uint64_t{64} << 10;

}  // namespace

class ReverseScan::Impl {
 public:
  Impl(std::vector<std::filesystem::path> paths, const ScanOptions& options)
      : paths_(std::move(paths)), options_(options), left_(paths_.size()) {}

  Result<std::optional<ScanEntry>> previous();

 private:
  void leave_file();
  Result<void> open_file();
  Result<void> find_blocks();
  Result<void> read_block();
  bool is_wanted(const Entry& entry) const {
    return entry.time() >= options_.since.value_or(entry.time()) && (!options_.until || entry.time() < *options_.until);
  }
  bool may_have_wanted(const Index& index) const {
    // A file that still grows may have more than its index says.
    if (!index.closed || !index.event_min || !index.event_max) return true;
    return *index.event_max >= options_.since.value_or(*index.event_max) &&
           (!options_.until || *index.event_min < *options_.until);
  }

  std::vector<std::filesystem::path> paths_;
  ScanOptions options_;
  std::size_t left_;  // Files not walked yet, the open one included.
  std::optional<FileReader> reader_;
  std::vector<Position> blocks_;  // Where those not read yet begin.
  Position end_;                  // Where the last of them ends.
  std::vector<std::pair<Ordinal, Entry>> block_;
  bool returned_ = false;  // The last one of block_ was, and its view is in use until the next call.
};

// An error leaves what was found before it.
Result<void> ReverseScan::Impl::find_blocks() {
  auto found = reader_->points(kBlockBytes, blocks_);
  if (!blocks_.empty()) {
    end_ = blocks_.back();
    blocks_.pop_back();
  }
  return found;
}

Result<void> ReverseScan::Impl::open_file() {
  // All entries, whatever their time: ordinals are counted here.
  auto reader = FileReader::open(paths_[left_ - 1], {.layer = options_.layer});
  if (!reader) {
    leave_file();
    return fail(std::move(reader.error()));
  }
  if (!may_have_wanted(reader->index())) {
    leave_file();
    return {};
  }
  reader_.emplace(std::move(*reader));
  return find_blocks();
}

Result<void> ReverseScan::Impl::read_block() {
  const Position begin = blocks_.back();
  const Position end = std::exchange(end_, begin);
  blocks_.pop_back();
  reader_->seek(begin);
  Result<void> done;
  while (reader_->position().ordinal < end.ordinal) {
    auto entry = reader_->next();
    if (!entry) done = fail(std::move(entry.error()));
    if (!entry && reader_->continues_behind_damage() && done.error().code == ErrorCode::corrupt) continue;
    if (!entry || !*entry) break;  // The latter: the file was cut meanwhile.
    if (reader_->ordinal() >= end.ordinal) break;
    block_.emplace_back(reader_->ordinal(), Entry(**entry));
  }
  return done;
}

Result<std::optional<ScanEntry>> ReverseScan::Impl::previous() {
  for (;;) {
    if (!block_.empty() && returned_) block_.pop_back();
    returned_ = false;
    while (!block_.empty() && !is_wanted(block_.back().second)) block_.pop_back();
    if (!block_.empty()) {
      returned_ = true;
      const auto& [ordinal, entry] = block_.back();
      return ScanEntry{left_ - 1, reader_->header().file_id, ordinal, entry.view()};
    }
    if (reader_ && blocks_.empty()) leave_file();
    if (left_ == 0) return std::nullopt;
    auto done = reader_ ? read_block() : open_file();
    if (!done) return fail(std::move(done.error()));
  }
}

void ReverseScan::Impl::leave_file() {
  reader_.reset();
  blocks_.clear();
  block_.clear();
  returned_ = false;
  if (left_ > 0) --left_;
}

ReverseScan::ReverseScan(std::vector<std::filesystem::path> paths, const ScanOptions& options)
    : impl_(std::make_unique<Impl>(std::move(paths), options)) {}
ReverseScan::ReverseScan(ReverseScan&&) noexcept = default;
ReverseScan& ReverseScan::operator=(ReverseScan&&) noexcept = default;
ReverseScan::~ReverseScan() = default;

Result<std::optional<ScanEntry>> ReverseScan::previous() { return impl_->previous(); }

}  // namespace towl
