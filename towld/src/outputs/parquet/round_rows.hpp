// RoundRows are the rows of one file of a round, or of all of them: what DuckDB reads, and writes as Parquet.
//
// Columns: timestamp (microseconds, UTC; the rest is `ns`: Spark takes no nanoseconds), minute_key, fields (JSON: what the
// entry says, all of it), host, level, message, identifier, unit, received, ns, file_uuid and ordinal (its address), and
// `place`, that of its file in the plan. Text that is not UTF-8 has U+FFFD there, and its bytes in `fields`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "outputs/parquet/round_plan.hpp"
#include "tables/row_function.hpp"
#include "towl/record/record_view.hpp"

namespace towld {

class RoundRows final : public towl::RowSource {
 public:
  /// Borrows both.
  RoundRows(const towl::Store& store, RoundPlan& plan, StorePosition begin, StorePosition end)
      : store_(store), plan_(plan), begin_(begin), end_(end) {}

  /// From the next query on the rows of one file; nullopt: of all.
  void choose(std::optional<std::size_t> place) { chosen_ = place; }

  /// Rows that the last query got.
  std::uint64_t rows() const { return rows_; }

  std::span<const towl::RowColumn> columns() const override;
  towl::Result<void> begin() override;
  towl::Result<bool> next(towl::RowWriter& to) override;

 private:
  void write(const FollowedEntry& entry, std::size_t place, towl::RowWriter& to);
  void put_text(towl::RowWriter& to, std::size_t column, std::optional<std::string_view> text);

  const towl::Store& store_;
  RoundPlan& plan_;
  const StorePosition begin_;
  const StorePosition end_;
  std::optional<std::size_t> chosen_;
  std::optional<StoreRange> range_;
  std::uint64_t rows_ = 0;
  towl::RecordView record_;
  std::string memory_;
  std::string fields_;
  std::string uuid_;
  towl::Uuid uuid_of_ = {};
  std::string key_;
  std::optional<std::int64_t> key_of_;
};

}  // namespace towld
