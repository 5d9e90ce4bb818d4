// A stage of a pipeline takes rows, and gives rows to the next one: at once, or when all were taken.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "batch.hpp"
#include "towl/quantity.hpp"
#include "towl/query/pipeline.hpp"

namespace towl::detail {

/// Counts the memory of all stages together. Threads: any.
class PipeBudget {
 public:
  explicit PipeBudget(PipelineOptions options) : options_(std::move(options)) {}

  /// Errors: no_space.
  Result<void> add(std::size_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= options_.max_bytes) return {};
    return fail(ErrorCode::no_space, "resource_exhausted: the query keeps more than " +
                                         format_exact_bytes(options_.max_bytes) + "; ask for less, or raise " +
                                         options_.setting);
  }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  PipelineOptions options_;
  std::atomic<std::size_t> used_ = 0;
};

/// A row on its way. Views live until the row is gone.
class PipeRow {
 public:
  virtual ~PipeRow() = default;
  /// "" if it has no such cell.
  virtual std::string_view value(const Field& field) const = 0;
  virtual std::optional<Timestamp> time(const Field& field) const = 0;
  /// All cells.
  virtual TableRow cells() const = 0;
};

/// An entry.
class EntryRow final : public PipeRow {
 public:
  void set(const FoundEntry& entry);
  std::string_view value(const Field& field) const override;
  std::optional<Timestamp> time(const Field& field) const override;
  TableRow cells() const override;

 private:
  mutable Batch batch_;
  mutable std::string made_;
  EntryView entry_;
  std::optional<FileFacts> facts_;
};

/// A row that a stage made.
class MadeRow final : public PipeRow {
 public:
  explicit MadeRow(TableRow cells) : cells_(std::move(cells)) {}
  std::string_view value(const Field& field) const override;
  std::optional<Timestamp> time(const Field& field) const override;
  TableRow cells() const override { return cells_; }

 private:
  TableRow cells_;
};

/// Where a row comes among all rows that a stage takes.
struct RowPlace {
  std::uint64_t file = 0;
  std::uint64_t row = 0;
  auto operator<=>(const RowPlace&) const = default;  // NOLINT(modernize-use-nullptr): it sees a 0 of its own
};

class PipeStage {
 public:
  virtual ~PipeStage() = default;
  /// False: it needs no more rows.
  virtual Result<bool> take(const PipeRow& row) = 0;
  /// This many rows, of which only their group is known: for `stats` that only counts, and for `top`.
  virtual Result<void> take_counted(const EntryCount& /*counted*/) {
    return fail(ErrorCode::invalid_argument, "a pipe that counts nothing");
  }
  /// Whether its result can be made from the results of stages like it for parts of the rows.
  virtual bool can_merge() const { return false; }
  /// Adds the result of `other`, a stage of the same kind for the same pipe, and uses `other` up. Errors: no_space.
  virtual Result<void> merge(PipeStage& /*other*/) { return {}; }
  /// After the last row.
  virtual Result<void> finish() { return next->finish(); }

  PipeStage* next = nullptr;
  /// The place of the row that is taken, for a stage that takes only some of all rows; nullptr: after the earlier ones.
  const RowPlace* place = nullptr;
};

std::unique_ptr<PipeStage> make_stage(const Pipe& pipe, PipeBudget& budget);
/// stats_stage.cpp
std::unique_ptr<PipeStage> make_stats_stage(const StatsPipe& pipe, PipeBudget& budget);

/// Numbers by their value, before all other texts, and these byte for byte: less than, equal to or greater than 0.
int compare_values(std::string_view a, std::string_view b);

/// The shortest text of a number.
std::string number_text(double number);

}  // namespace towl::detail
