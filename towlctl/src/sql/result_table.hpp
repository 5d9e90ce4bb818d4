// ResultTable prints a result for people: columns as wide as their cells, numbers to the right, NULL as NULL.
//
// Memory: the widths are those of the first thousand rows; later rows are printed as they come. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/sql_database.hpp"

namespace towlctl {

class ResultTable {
 public:
  /// `write` takes what is printed. `width`: the columns of a terminal. The widest cells are cut with `…` to fit it; 0:
  /// no cell is cut.
  ResultTable(std::function<void(std::string_view)> write, std::size_t width);

  void columns(const std::vector<std::string>& names);
  void row(const SqlRow& row);
  /// To be called at the end; prints how many rows there were.
  void finish();

  std::uint64_t rows() const { return rows_; }

 private:
  void print_first();
  void print(const std::vector<std::string>& cells, const std::vector<bool>& right);
  void print_rule();
  void fit();

  const std::function<void(std::string_view)> write_;
  const std::size_t width_;
  std::vector<std::string> names_;
  std::vector<std::size_t> widths_;
  std::vector<bool> numbers_;  ///< Columns with numbers, and …
  std::vector<bool> texts_;    ///< … those with anything else.
  std::vector<std::vector<std::string>> first_;
  bool printed_first_ = false;
  std::uint64_t rows_ = 0;
};

}  // namespace towlctl
