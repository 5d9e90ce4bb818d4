#include "output/table_printer.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "output/table.hpp"
#include "output/text.hpp"
#include "towl/query/table_json.hpp"

namespace towlctl {
namespace {

std::string csv_of(std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

/// The row's values in the order of the columns; "" for a value that it does not have.
std::vector<std::string> values_of(const towl::Table& table, const towl::TableRow& row) {
  std::vector<std::string> values;
  for (const std::string& column : table.columns) {
    const auto cell = std::find_if(row.begin(), row.end(), [&](const towl::Cell& one) { return one.name == column; });
    values.push_back(cell == row.end() ? "" : cell->value);
  }
  return values;
}

std::string csv_line(const std::vector<std::string>& values) {
  std::string line;
  for (const std::string& value : values) line += (&value == &values.front() ? "" : ",") + csv_of(value);
  return line + "\r\n";
}

}  // namespace

std::string print_table(const towl::Table& table, OutputFormat format, bool terminal) {
  std::string out;
  if (format == OutputFormat::json || format == OutputFormat::json_pretty) {
    for (const towl::TableRow& row : table.rows) out += towl::to_json(row) + "\n";
    return out;
  }
  if (table.columns.empty()) return out;
  if (format == OutputFormat::csv) {
    out = csv_line(table.columns);
    for (const towl::TableRow& row : table.rows) out += csv_line(values_of(table, row));
    return out;
  }
  // A column with a number in every row is aligned to the right; such columns come last.
  std::size_t first_right = table.columns.size();
  while (first_right > 0 && std::all_of(table.rows.begin(), table.rows.end(), [&](const towl::TableRow& row) {
           return row.size() == table.columns.size() && row[first_right - 1].is_number;
         })) {
    --first_right;
  }
  std::vector<std::vector<std::string>> rows = {table.columns};
  for (const towl::TableRow& row : table.rows) {
    auto values = values_of(table, row);
    for (std::string& value : values) {
      if (terminal) value = escape_control(value);
      std::replace(value.begin(), value.end(), '\n', ' ');
    }
    rows.push_back(std::move(values));
  }
  return towlctl::table(rows, first_right, table.columns.size());
}

}  // namespace towlctl
