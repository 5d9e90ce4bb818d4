// PieceScan looks through one piece of a file after another, a few entries at a time.
//
// Each thread has its own: it keeps the readers of its file, the filter and its memory.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "batch.hpp"
#include "filter.hpp"
#include "known.hpp"
#include "row_set.hpp"
#include "sealed_filter.hpp"
#include "store_pruner.hpp"
#include "towl/file_reader.hpp"
#include "towl/query/search.hpp"
#include "towl/record/record_view.hpp"

namespace towl::detail {

/// What all threads of a search have in common. Does not change.
struct SearchPlan {
  Expression expression;
  Expression envelope;            ///< The part of it that needs no texts.
  bool envelope_narrows = false;  ///< It is about senders: reading without texts first may save them.
  ReadOptions reading;
  Wanted wanted;
  bool needs_text = false;
  bool levels = false;
  std::shared_ptr<StorePruner> pruner;  ///< nullptr if it could tell nothing. Shared by all threads.
  Order order = Order::forwards;
};

SearchPlan make_plan(Expression expression, const SearchOptions& options);

/// When a search has to end, even if it is not done.
class Deadline {
 public:
  explicit Deadline(const SearchOptions& options) : until_(options.deadline), stop_(options.stop) {}

  bool is_over() const { return stop_.stop_requested() || (until_ && std::chrono::steady_clock::now() >= *until_); }
  SearchEnd::Reason reason() const {
    return stop_.stop_requested() ? SearchEnd::Reason::stopped : SearchEnd::Reason::deadline;
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> until_;
  std::stop_token stop_;
};

/// What the filter next to the file says of it. Called once for each file of a search.
StorePruner::Within filter_says(const SearchPlan& plan, const SearchFile& file);

/// A file that a thread has open.
class OpenFile {
 public:
  /// `sieve` is that of the thread that reads the file. `within` is the result of filter_says(). nullptr: by that
  /// result no entry of the file is wanted. Errors: those of FileReader::open().
  static Result<std::unique_ptr<OpenFile>> open(const SearchPlan& plan, const std::vector<SearchFile>& files,
                                                std::size_t place, SealedSieve* sieve,
                                                const StorePruner::Within& within);

  FileReader reader;
  std::shared_ptr<const FileFacts> facts;
  std::optional<FileReader> envelope_reader;  ///< Gives all but texts.
  std::size_t place = 0;                      ///< In the list of files.

 private:
  OpenFile(FileReader of, std::shared_ptr<const FileFacts> known) : reader(std::move(of)), facts(std::move(known)) {}
};

/// Whether the file can have any entry that is wanted.
bool may_have(const SearchPlan& plan, const OpenFile& file);

/// Adds the pieces of the file that can have any, ascending. Errors: as FileReader::pieces(); earlier pieces are added.
Result<void> plan_pieces(const SearchPlan& plan, const SearchFile& file, OpenFile& open, std::vector<Piece>& pieces);

class PieceScan {
 public:
  /// Errors: invalid_argument.
  /// With a counter, entries are counted by it and not given; with a taker they go to that.
  static Result<std::unique_ptr<PieceScan>> create(const SearchPlan& plan, const SearchOptions& options,
                                                   GroupCounter* counter = nullptr, EntryTaker* taker = nullptr);

  /// For the files that are read by it; nullptr if it would do nothing.
  SealedSieve* sieve() const { return sieve_.get(); }

  /// Begins with the entries [begin, end) of `file`, which must stay.
  void begin(OpenFile& file, const Position& from, Ordinal end);

  /// Some entries that were looked at: those in `rows` are wanted.
  struct Slice {
    Ordinal first = 0;
    std::span<const EntryView> entries = {};
    const RowSet* rows = nullptr;
    const std::int8_t* levels = nullptr;  ///< Of wanted entries, if levels are wanted; below 0: no level.
    Ordinal end() const { return first + entries.size(); }
  };

  /// The next slice; nullopt at the end of the piece. Errors: as FileReader::next(); can_go_on() tells whether more follows.
  Result<std::optional<Slice>> next();

  bool can_go_on(const Error& error) const;

  /// How far the piece was looked at.
  Ordinal reached() const { return reached_; }

 private:
  PieceScan(std::unique_ptr<Filter> filter, std::unique_ptr<Filter> envelope, std::size_t slice_bytes)
      : filter_(std::move(filter)), envelope_(std::move(envelope)), slice_bytes_(slice_bytes) {}
  void select();
  void find_levels();
  FoundEntry found(std::size_t row) const;
  Result<bool> next_batch();
  Result<bool> skip_by_envelope();

  std::unique_ptr<Filter> filter_;
  std::unique_ptr<Filter> envelope_;
  std::size_t slice_bytes_;  // How much text is looked at in one go.
  std::unique_ptr<SealedSieve> sieve_;
  GroupCounter* counter_ = nullptr;
  EntryTaker* taker_ = nullptr;
  bool wants_levels_ = false;
  OpenFile* file_ = nullptr;
  Ordinal end_ = 0;
  Ordinal reached_ = 0;
  EntryBatch batch_;
  std::size_t at_ = 0;  // in batch_
  Batch slice_;
  RowSet rows_;
  RowSet undecided_;
  RecordView record_;
  std::vector<std::int8_t> levels_;  // Of the slice.
};

}  // namespace towl::detail
