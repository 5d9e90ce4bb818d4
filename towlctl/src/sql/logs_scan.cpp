#include "sql/logs_scan.hpp"

#include <algorithm>

#include "files/file_layers.hpp"
#include "towl/query/address.hpp"
#include "towl/query/entry_test.hpp"

namespace towlctl {
namespace {

/// Entries of a piece: this many (some ten milliseconds of work), or this fraction of all entries. So threads end at
/// about the same time, and files are not opened more often than needed.
constexpr std::uint64_t kPieceEntries = std::uint64_t{1} << 16;
constexpr std::uint64_t kMostPieces = 64;

constexpr std::size_t kToldLosses = 5;

/// False if no entry can be in the time range, as the index of a file that no longer grows says.
bool may_hold(const LogsSelection& selection, const towl::Index& index) {
  if (!index.closed || !index.event_min || !index.event_max) return true;
  return (!selection.since || *index.event_max >= *selection.since) &&
         (!selection.until || *index.event_min < *selection.until);
}

bool may_hold(const LogsSelection& selection, const towl::Piece& piece) {
  return (!selection.since || piece.event_max >= *selection.since) &&
         (!selection.until || piece.event_min < *selection.until);
}

}  // namespace

towl::Result<std::shared_ptr<LogsScan>> LogsScan::open(LogsSelection selection) {
  if (const auto test = towl::EntryTest::create(selection.expression); !test) return tl::unexpected(test.error());
  std::shared_ptr<LogsScan> scan(new LogsScan(std::move(selection)));
  for (const auto& path : scan->selection_.paths) scan->add(path);
  return scan;
}

void LogsScan::add(const std::filesystem::path& path) {
  auto reader = towl::FileReader::open(path, {.layer = &file_layer()});
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
  const std::uint64_t most_entries = std::max(kPieceEntries, count() / kMostPieces);
  std::vector<LogsPiece> all;
  std::vector<towl::Piece> pieces;
  for (std::size_t file = 0; file < files_.size(); ++file) {
    // What cannot be read is met again, and reported, when its piece is read.
    auto reader = towl::FileReader::open(files_[file].path, {.layer = &file_layer()});
    pieces.clear();
    const bool is_known = reader && reader->pieces(pieces).has_value() && !pieces.empty();
    // The last piece of a format 1 file is read as far as it goes: up to what cannot be read, which must be reported.
    const bool is_open_ended = !is_known || !reader->continues_behind_damage();
    if (!is_known && pieces.empty()) pieces.push_back({.end = UINT64_MAX});
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const towl::Piece& piece = pieces[i];
      const bool is_last = i + 1 == pieces.size();
      const towl::Ordinal end = is_last && is_open_ended ? UINT64_MAX : piece.end;
      if (!(is_last && is_open_ended) && !may_hold(selection_, piece)) continue;
      const bool follows = !all.empty() && all.back().file == file && all.back().end == piece.begin.ordinal;
      if (follows && piece.end - all.back().begin.ordinal <= most_entries) {
        all.back().end = end;
      } else {
        all.push_back({file, piece.begin, end});
      }
    }
  }
  return all;
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

LogsReader::LogsReader(std::shared_ptr<const LogsScan> scan, LogsPieces& pieces, towl::Wanted wanted, bool levels,
                       LogsLosses& losses)
    : scan_(std::move(scan)),
      pieces_(pieces),
      wanted_(wanted),
      levels_(levels),
      searches_(levels || scan_->selection().narrows()),
      losses_(losses) {}

bool LogsReader::begin_next_piece() {
  for (;;) {
    const LogsPiece* next = pieces_.take();
    if (next == nullptr) return false;
    const bool begun = searches_ ? begin_search(*next) : begin_reading(*next);
    piece_ = *next;
    if (begun) return true;
  }
}

bool LogsReader::begin_search(const LogsPiece& piece) {
  const LogsSelection& selection = scan_->selection();
  std::vector<towl::Expression> parts = {selection.expression};
  if (selection.since || selection.until) {
    const towl::TimeTest all;
    parts.push_back(towl::between(selection.since.value_or(all.since), selection.until.value_or(all.until)));
  }
  auto search = towl::Search::create({{scan_->files()[piece.file].path, piece.begin.ordinal, piece.end}},
                                     towl::all_of(std::move(parts)),
                                     {.wanted = wanted_, .levels = levels_, .layer = &file_layer()});
  if (!search) {
    losses_.add(search.error());
    return false;
  }
  search_.emplace(std::move(*search));
  return true;
}

bool LogsReader::begin_reading(const LogsPiece& piece) {
  if (!reader_ || piece_.file != piece.file) {
    auto opened = towl::FileReader::open(scan_->files()[piece.file].path, {.wanted = wanted_, .layer = &file_layer()});
    if (!opened) {
      losses_.add(opened.error());
      reader_.reset();
      return false;
    }
    reader_ = std::move(*opened);
  }
  reader_->seek(piece.begin);
  batch_ = {};
  at_ = 0;
  return true;
}

/// nullptr: the piece has no more.
const towl::EntryView* LogsReader::next_found() {
  for (;;) {
    const towl::Outcome outcome = search_->next();
    if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
      ordinal_ = found->ordinal;
      level_ = found->level;
      found_ = found->entry;
      return &found_;
    }
    const auto* unread = std::get_if<towl::Unread>(&outcome);
    if (unread == nullptr) return nullptr;
    losses_.add(unread->error);
  }
}

/// False if the piece has no more.
bool LogsReader::read_batch() {
  for (;;) {
    const auto batch = reader_->next_batch(piece_.end);
    if (batch && !*batch) return false;
    if (batch) {
      batch_ = **batch;
      at_ = 0;
      if (batch_.entries.empty()) continue;
      return true;
    }
    losses_.add(batch.error());
    const bool goes_on = reader_->continues_behind_damage() && batch.error().code == towl::ErrorCode::corrupt;
    // After damage in the last place of a piece, the next entry belongs to another piece.
    if (!goes_on || reader_->position().ordinal >= piece_.end) return false;
  }
}

const towl::EntryView* LogsReader::next_read() {
  if (at_ == batch_.entries.size() && !read_batch()) return nullptr;
  ordinal_ = batch_.first + at_;
  return &batch_.entries[at_++];
}

const towl::EntryView* LogsReader::next() {
  for (;;) {
    if (!in_piece_ && !begin_next_piece()) return nullptr;
    const towl::EntryView* const entry = searches_ ? next_found() : next_read();
    in_piece_ = entry != nullptr;
    if (entry != nullptr) return entry;
  }
}

void LogsLosses::add(const towl::Error& error) {
  const std::lock_guard lock(mutex_);
  std::string line = error.to_string();
  // Pieces that meet at a damaged place each report it.
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
