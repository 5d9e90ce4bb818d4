// ArrowBatch collects the cells of entries and hands them over as one ArrowArray, a struct of columns.
//
// Layout:  https://arrow.apache.org/docs/format/Columnar.html; the structures are those of towl.h.
// Threads: one at a time. What was handed over belongs to who got it, and knows nothing of the batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "towl.h"
#include "towl/query/entry_columns.hpp"

namespace towl::detail {

class ArrowBatch {
 public:
  ArrowBatch(std::vector<EntryColumn> columns, bool binary);

  const std::vector<EntryColumn>& columns() const { return columns_; }

  /// The types of the columns; to be released by who got it.
  void give_schema(ArrowSchema& to) const;

  void add(std::size_t column, const CellValue& cell);
  void add_text(std::size_t column, std::string_view text);
  void add_number(std::size_t column, std::int64_t number);
  void add_null(std::size_t column);
  void end_row() { ++rows_; }

  std::int64_t rows() const { return rows_; }
  /// Of all texts.
  std::size_t text_bytes() const;

  /// Hands over what was added, and begins anew.
  void give(ArrowArray& to);

 private:
  struct Column {
    std::vector<std::int64_t> numbers;  ///< Numbers and times; of texts where each ends.
    std::string bytes;                  ///< Of texts.
    std::vector<std::uint8_t> valid;    ///< A bit a row; empty: all have a value.
    std::int64_t nulls = 0;
    bool is_text = false;
  };
  struct Given;
  static void release_array(ArrowArray* array);
  static void release_child(ArrowArray* array);
  void mark_valid(Column& column) const;

  std::vector<EntryColumn> columns_;
  std::vector<Column> data_;
  bool binary_;
  std::int64_t rows_ = 0;
  std::string memory_;
};

}  // namespace towl::detail
