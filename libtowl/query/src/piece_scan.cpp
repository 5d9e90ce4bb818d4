#include "piece_scan.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "pages_io.hpp"

namespace towl::detail {
namespace {

/// How much text is looked at in one go: it stays in the core's cache from filter to filter, and the clock is looked at
/// after it.
constexpr std::size_t kSliceBytes = std::size_t{256} << 10;
constexpr std::size_t kSliceEntries = 8192;

/// The first slice is small, and so are those after a slow one: an expression may need a second for 256 KiB of text,
/// and the end of a search's time is noticed only between slices.
constexpr std::size_t kFirstSliceBytes = std::size_t{16} << 10;
constexpr auto kLongSlice = std::chrono::milliseconds(40);
constexpr auto kShortSlice = std::chrono::milliseconds(5);

bool is_about_senders(const Expression& expression) {
  if (expression.kind == Expression::Kind::test) {
    return expression.field.kind == FieldKind::sender || expression.field.kind == FieldKind::received;
  }
  return std::any_of(expression.parts.begin(), expression.parts.end(), is_about_senders);
}

// Whether senders, or times, of entries are looked at.
struct EnvelopeNeeds {
  bool sender = false;
  bool times = false;
};

void note_needs(const Expression& expression, EnvelopeNeeds& needs) {
  for (const Expression& part : expression.parts) note_needs(part, needs);
  if (expression.kind != Expression::Kind::test) return;
  switch (expression.field.kind) {
    case FieldKind::message:
    case FieldKind::raw:
    case FieldKind::level:
    case FieldKind::format:
    case FieldKind::ordinal:
    case FieldKind::file_id:
    case FieldKind::file:
    case FieldKind::title:
    case FieldKind::org:
      return;
    case FieldKind::sender:
      needs.sender = true;
      return;
    case FieldKind::time:
    case FieldKind::received:
      needs.times = true;
      return;
    default:  // What a record implies.
      needs = {true, true};
  }
}

std::size_t slice_end(std::span<const EntryView> entries, std::size_t begin, std::size_t most_bytes) {
  std::size_t bytes = 0;
  std::size_t end = begin;
  while (end < entries.size() && end - begin < kSliceEntries) {
    bytes += entries[end].log_entry.size();
    if (bytes > most_bytes && end > begin) break;
    ++end;
  }
  return end;
}

// Where the texts of a part of a batch are, if those of the whole batch are together.
std::string_view bytes_of(std::span<const EntryView> entries, std::string_view all) {
  if (all.empty()) return {};
  const char* const begin = entries.front().log_entry.data();
  const std::string_view last = entries.back().log_entry;
  return {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
}

}  // namespace

SearchPlan make_plan(Expression expression, const SearchOptions& options) {
  SearchPlan plan;
  plan.needs_text = needs_text(expression);
  plan.envelope = without_texts(expression);
  plan.levels = options.levels;
  plan.envelope_narrows = (plan.needs_text || options.wanted.text || options.levels) && is_about_senders(plan.envelope);
  const TimeTest bounds = time_bounds(expression);
  const TimeTest all;
  if (bounds.since != all.since) plan.reading.since = bounds.since;
  if (bounds.until != all.until) plan.reading.until = bounds.until;
  plan.reading.words = required_words(expression);
  plan.reading.layer = options.layer;
  if (!plan.reading.words.empty()) {
    plan.pruner = std::make_shared<StorePruner>(plan.reading.words, layer_or_posix(options.layer));
  }
  EnvelopeNeeds needs;
  note_needs(expression, needs);
  Wanted wanted = options.wanted;
  if (options.count_by) {
    wanted = {.sender = false, .received = false, .text = false, .time = false};
    for (const CountBy& by : *options.count_by) {
      const Expression looked_at = test_of(by.field, ExistsTest{});
      note_needs(looked_at, needs);
      plan.needs_text = plan.needs_text || needs_text(looked_at);
    }
  }
  plan.reading.wanted = {.sender = wanted.sender || needs.sender,
                         .received = wanted.received || needs.times,
                         .text = wanted.text || plan.needs_text || plan.levels,
                         .time = wanted.time || needs.times};
  plan.wanted = wanted;
  plan.order = options.order;
  plan.expression = std::move(expression);
  return plan;
}

StorePruner::Within filter_says(const SearchPlan& plan, const SearchFile& file) {
  return plan.pruner ? plan.pruner->within(file.path) : std::nullopt;
}

Result<std::unique_ptr<OpenFile>> OpenFile::open(const SearchPlan& plan, const std::vector<SearchFile>& files,
                                                 std::size_t place, SealedSieve* sieve,
                                                 const StorePruner::Within& within) {
  if (within && within->empty()) return nullptr;
  const SearchFile& file = files[place];
  ReadOptions reading = plan.reading;
  reading.sieve = sieve;
  if (within) reading.within = *within;
  auto reader = FileReader::open(file.path, reading);
  if (!reader) return fail(std::move(reader.error()));
  auto facts = std::make_shared<const FileFacts>(reader->header());
  std::unique_ptr<OpenFile> open(new OpenFile(std::move(*reader), std::move(facts)));
  open->place = place;
  // An open file's frames are unpacked as a whole: this would save nothing.
  if (plan.envelope_narrows && open->reader.index().sealed) {
    ReadOptions without = reading;
    without.sieve = nullptr;
    without.wanted.text = false;
    auto envelope = FileReader::open(file.path, without);
    if (envelope) open->envelope_reader.emplace(std::move(*envelope));
  }
  return open;
}

bool may_have(const SearchPlan& plan, const OpenFile& file) {
  Known known{.file = file.facts.get()};
  // A file that still grows may have more than its index says.
  const Index& index = file.reader.index();
  if (index.closed && index.event_min && index.event_max) {
    known.event_min = *index.event_min;
    known.event_max = *index.event_max;
  }
  return truth_of(plan.expression, known) != Truth::no;
}

Result<void> plan_pieces(const SearchPlan& plan, const SearchFile& file, OpenFile& open, std::vector<Piece>& pieces) {
  auto planned = open.reader.pieces(pieces);
  std::erase_if(pieces, [&](const Piece& piece) {
    if (piece.end <= file.from || piece.begin.ordinal >= file.end) return true;
    const Known known{open.facts.get(), piece.event_min, piece.event_max};
    return truth_of(plan.expression, known) == Truth::no;
  });
  for (Piece& piece : pieces) piece.end = std::min(piece.end, file.end);
  return planned;
}

Result<std::unique_ptr<PieceScan>> PieceScan::create(const SearchPlan& plan, const SearchOptions& options,
                                                     GroupCounter* counter, EntryTaker* taker) {
  auto filter = make_filter(plan.expression);
  if (!filter) return fail(std::move(filter.error()));
  std::unique_ptr<Filter> envelope;
  if (plan.envelope_narrows) {
    auto made = make_filter(plan.envelope);
    if (!made) return fail(std::move(made.error()));
    envelope = std::move(*made);
  }
  std::unique_ptr<PieceScan> scan(new PieceScan(std::move(*filter), std::move(envelope), kFirstSliceBytes));
  scan->counter_ = counter;
  scan->taker_ = taker;
  scan->wants_levels_ = plan.levels;
  if (auto sealed = make_sealed_filter(plan.expression, counter != nullptr || plan.levels)) {
    scan->sieve_ =
        std::make_unique<SealedSieve>(plan.expression, std::move(sealed), plan.wanted.text, plan.levels, counter,
                                      [deadline = Deadline(options)] { return deadline.is_over(); });
  }
  return scan;
}

void PieceScan::begin(OpenFile& file, const Position& from, Ordinal end) {
  file_ = &file;
  end_ = end;
  reached_ = from.ordinal;
  batch_ = {};
  at_ = 0;
  if (sieve_) sieve_->begin(*file.facts);
}

bool PieceScan::can_go_on(const Error& error) const {
  return file_->reader.continues_behind_damage() &&
         (error.code == ErrorCode::corrupt || error.code == ErrorCode::entry_too_large);
}

// Skips entries up to the next one from a wanted sender. False at the end of the piece.
Result<bool> PieceScan::skip_by_envelope() {
  FileReader& reader = *file_->envelope_reader;
  for (;;) {
    if (reached_ >= end_) return false;
    if (auto sought = reader.seek(reached_); !sought) return true;  // The reader of texts tells what is wrong.
    const auto batch = reader.next_batch(end_);
    if (!batch) return true;
    if (!*batch) {
      reached_ = end_;
      return false;
    }
    slice_.set(*file_->facts, (*batch)->first, (*batch)->entries, {});
    rows_.reset((*batch)->entries.size(), true);
    envelope_->select(slice_, rows_);
    reached_ = (*batch)->first;
    if (rows_.any()) return true;
    reached_ += (*batch)->entries.size();
  }
}

Result<bool> PieceScan::next_batch() {
  if (file_->envelope_reader) {
    auto more = skip_by_envelope();
    if (!more || !*more) return more;
    if (auto sought = file_->reader.seek(reached_); !sought) return fail(std::move(sought.error()));
  }
  const auto batch = file_->reader.next_batch(end_);
  if (!batch) {
    reached_ = std::max(reached_, std::min(end_, file_->reader.position().ordinal));
    return fail(batch.error());
  }
  if (!*batch) {
    reached_ = std::max(reached_, std::min(end_, file_->reader.position().ordinal));
    return false;
  }
  batch_ = **batch;
  at_ = 0;
  return true;
}

// Which entries of the slice are wanted: the sieve knows some, the others have to be looked at.
void PieceScan::select() {
  const std::size_t count = slice_.entries().size();
  if (!sieve_ || !sieve_->known(slice_.first(), count, rows_, undecided_)) {
    rows_.reset(count, true);
    filter_->select(slice_, rows_);
    return;
  }
  if (!undecided_.any()) return;
  rows_.take_off(undecided_);
  filter_->select(slice_, undecided_);
  rows_.put(undecided_);
}

// Of the entries that are wanted.
void PieceScan::find_levels() {
  const auto entries = slice_.entries();
  const std::int8_t* const known = sieve_ ? sieve_->levels(slice_.first(), entries.size()) : nullptr;
  levels_.resize(entries.size());
  rows_.each([&](std::size_t row) {
    if (known != nullptr && known[row] != SealedLevels::kUnknown) {
      levels_[row] = known[row];
      return;
    }
    record_.set(entries[row]);
    const auto level = record_.level();
    levels_[row] = level ? static_cast<std::int8_t>(*level) : SealedLevels::kNone;
  });
}

FoundEntry PieceScan::found(std::size_t row) const {
  FoundEntry found{file_->place, &file_->facts->header, slice_.first() + row, slice_.entries()[row]};
  if (wants_levels_ && levels_[row] >= 0) found.level = levels_[row];
  return found;
}

Result<std::optional<PieceScan::Slice>> PieceScan::next() {
  if (at_ == batch_.entries.size()) {
    batch_ = {};
    at_ = 0;
    const auto more = next_batch();
    if (!more) return fail(more.error());
    if (!*more) return std::nullopt;
  }
  const std::size_t end = slice_end(batch_.entries, at_, slice_bytes_);
  const auto entries = batch_.entries.subspan(at_, end - at_);
  const Ordinal first = batch_.first + at_;
  slice_.set(*file_->facts, first, entries, bytes_of(entries, batch_.bytes));
  const auto begun = std::chrono::steady_clock::now();
  select();
  const auto took = std::chrono::steady_clock::now() - begun;
  if (took > kLongSlice) {
    slice_bytes_ /= 4;
  } else if (took < kShortSlice && slice_bytes_ < kSliceBytes) {
    slice_bytes_ = std::max(slice_bytes_ * 2, kFirstSliceBytes);
  }
  if (wants_levels_) find_levels();
  if (counter_ != nullptr) {
    counter_->count(slice_, rows_);
    rows_.clear();
  } else if (taker_ != nullptr) {
    rows_.each([&](std::size_t row) { taker_->take(found(row)); });
    rows_.clear();
  }
  at_ = end;
  reached_ = first + entries.size();
  return Slice{first, entries, &rows_, wants_levels_ ? levels_.data() : nullptr};
}

}  // namespace towl::detail
