#include "sql/logs_scan.hpp"

#include <algorithm>

#include "towl/query/address.hpp"

namespace towlctl {
namespace {

/// Stored bytes of a piece: about 10 ms of work, so that threads end at about the same time.
constexpr std::uint64_t kPieceBytes = std::uint64_t{2} << 20;

constexpr std::size_t kToldLosses = 5;

/// False where no entry can be in the time range: what the index of a file that grows no more says.
bool may_hold(const LogsSelection& selection, const towl::Index& index) {
  if (!index.closed || !index.event_min || !index.event_max) return true;
  return (!selection.since || *index.event_max >= *selection.since) &&
         (!selection.until || *index.event_min < *selection.until);
}

}  // namespace

towl::Result<std::shared_ptr<LogsScan>> LogsScan::open(LogsSelection selection) {
  if (const auto test = towl::EntryTest::create(selection.expression); !test) return tl::unexpected(test.error());
  std::shared_ptr<LogsScan> scan(new LogsScan(std::move(selection)));
  for (const auto& path : scan->selection_.paths) scan->add(path);
  return scan;
}

void LogsScan::add(const std::filesystem::path& path) {
  auto reader = towl::FileReader::open(path);
  if (!reader) {
    losses_.push_back(reader.error());
    return;
  }
  if (!may_hold(selection_, reader->index())) return;
  const towl::Header& header = reader->header();
  files_.push_back(
      {path, header, header.uuid == towl::Uuid{} ? "" : towl::uuid_text(header.uuid), reader->index().count});
}

std::vector<LogsPiece> LogsScan::split() const {
  std::vector<LogsPiece> pieces;
  std::vector<towl::Position> points;
  for (std::size_t file = 0; file < files_.size(); ++file) {
    // What cannot be read is met again, and told of, when its piece is.
    auto reader = towl::FileReader::open(files_[file].path);
    points.clear();
    if (reader) (void)reader->points(kPieceBytes, points);
    if (points.empty()) points.push_back({});
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bool is_last = i + 1 == points.size();
      // The last point is the end as it is now, or where damage begins in format 1: read on as far as it goes.
      if (is_last && i > 0 && reader->continues_behind_damage()) break;
      pieces.push_back({file, points[i], is_last ? UINT64_MAX : points[i + 1].ordinal});
    }
  }
  return pieces;
}

std::uint64_t LogsScan::count() const {
  std::uint64_t count = 0;
  for (const LogsFile& file : files_) count += file.count;
  return count;
}

const LogsPiece* LogsPieces::take() {
  const std::size_t at = next_.fetch_add(1);
  return at < pieces_.size() ? &pieces_[at] : nullptr;
}

towl::Result<std::unique_ptr<LogsReader>> LogsReader::create(std::shared_ptr<const LogsScan> scan, LogsPieces& pieces,
                                                             towl::Wanted wanted, LogsLosses& losses) {
  std::optional<towl::EntryTest> asked;
  if (scan->selection().expression.kind != towl::Expression::Kind::everything) {
    auto test = towl::EntryTest::create(scan->selection().expression);
    if (!test) return tl::unexpected(test.error());
    asked = std::move(*test);
  }
  return std::unique_ptr<LogsReader>(new LogsReader(std::move(scan), pieces, wanted, std::move(asked), losses));
}

LogsReader::LogsReader(std::shared_ptr<const LogsScan> scan, LogsPieces& pieces, towl::Wanted wanted,
                       std::optional<towl::EntryTest> test, LogsLosses& losses)
    : scan_(std::move(scan)), pieces_(pieces), wanted_(wanted), test_(std::move(test)), losses_(losses) {
  if (test_) wanted_ = {};
}

bool LogsReader::begin_next_piece() {
  const LogsPiece* next = pieces_.take();
  if (next == nullptr) return false;
  if (reader_ == std::nullopt || piece_.file != next->file) {
    const LogsSelection& selection = scan_->selection();
    auto opened = towl::FileReader::open(scan_->files()[next->file].path,
                                         {.since = selection.since, .until = selection.until, .wanted = wanted_});
    piece_ = *next;
    if (!opened) {
      losses_.add(opened.error());
      reader_.reset();
      return begin_next_piece();
    }
    reader_ = std::move(*opened);
  }
  piece_ = *next;
  reader_->seek(piece_.begin);
  return true;
}

std::optional<towl::EntryView> LogsReader::next() {
  for (;;) {
    if (!in_piece_ && !begin_next_piece()) return std::nullopt;
    in_piece_ = true;
    const auto entry = reader_->next();
    if (!entry) {
      losses_.add(entry.error());
      const bool goes_on = reader_->continues_behind_damage() && entry.error().code == towl::ErrorCode::corrupt;
      // After damage in the last place of a piece, the next entry is another piece's.
      in_piece_ = goes_on && reader_->position().ordinal < piece_.end;
      continue;
    }
    if (!*entry || reader_->ordinal() >= piece_.end) {
      in_piece_ = false;
      continue;
    }
    if (!test_ || test_->passes(**entry, file().header, reader_->ordinal())) return **entry;
  }
}

void LogsLosses::add(const towl::Error& error) {
  const std::lock_guard lock(mutex_);
  std::string line = error.to_string();
  // Pieces that meet at a damaged place each tell of it.
  if (std::find(first_.begin(), first_.end(), line) != first_.end()) return;
  ++count_;
  if (first_.size() < kToldLosses) first_.push_back(std::move(line));
}

std::vector<std::string> LogsLosses::lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines = first_;
  if (count_ > lines.size()) lines.push_back(std::to_string(count_ - first_.size()) + " more places could not be read");
  return lines;
}

}  // namespace towlctl
