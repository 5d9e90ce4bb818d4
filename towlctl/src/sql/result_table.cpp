#include "sql/result_table.hpp"

#include <algorithm>
#include <utility>

#include "output/text.hpp"
#include "output/units.hpp"
#include "towl/record/json_text.hpp"

namespace towlctl {
namespace {

constexpr std::size_t kFirstRows = 1000;
constexpr std::size_t kBorder = 3;      // " │" and a blank
constexpr std::size_t kLeastWidth = 8;  // of a column that is cut

/// Characters that a terminal shows, about: those of two cells count as one.
std::size_t shown(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string cell_of(const std::optional<std::string>& value) {
  if (!value) return "NULL";
  std::string cell;
  for (const char c : escape_control(*value)) {
    if (c == '\n') {
      cell += "\\n";
    } else if (c == '\t') {
      cell += "\\t";
    } else {
      cell += c;
    }
  }
  return cell;
}

/// The first `width` characters, the last of them `…`, of a longer text.
std::string cut(const std::string& text, std::size_t width) {
  if (shown(text) <= width) return text;
  std::size_t end = 0;
  for (std::size_t left = width; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80 && left-- <= 1) break;
  }
  return text.substr(0, end) + "…";
}

}  // namespace

ResultTable::ResultTable(std::function<void(std::string_view)> write, std::size_t width)
    : write_(std::move(write)), width_(width) {}

void ResultTable::columns(const std::vector<std::string>& names) {
  for (const std::string& name : names) names_.push_back(cell_of(name));
  numbers_.assign(names.size(), false);
  texts_.assign(names.size(), false);
}

void ResultTable::row(const SqlRow& row) {
  ++rows_;
  std::vector<std::string> cells;
  for (std::size_t i = 0; i < row.size(); ++i) {
    cells.push_back(cell_of(row[i]));
    if (printed_first_ || !row[i]) continue;
    if (!towl::is_json_number(*row[i])) texts_[i] = true;
    numbers_[i] = !texts_[i];
  }
  if (printed_first_) return print(cells, numbers_);
  first_.push_back(std::move(cells));
  if (first_.size() == kFirstRows) print_first();
}

void ResultTable::finish() {
  if (names_.empty()) return;
  if (!printed_first_) print_first();
  write_("(" + format_count(rows_) + (rows_ == 1 ? " row)\n" : " rows)\n"));
}

/// Cuts the widest columns until all fit.
void ResultTable::fit() {
  if (width_ == 0) return;
  const auto total = [&] {
    std::size_t sum = 0;
    for (const std::size_t width : widths_) sum += width + kBorder;
    return sum;
  };
  while (total() > width_) {
    const auto widest = std::max_element(widths_.begin(), widths_.end());
    if (*widest <= kLeastWidth) return;
    *widest -= std::min(*widest - kLeastWidth, std::max<std::size_t>(1, (total() - width_) / widths_.size()));
  }
}

void ResultTable::print_first() {
  printed_first_ = true;
  for (const std::string& name : names_) widths_.push_back(shown(name));
  for (const auto& cells : first_) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], shown(cells[i]));
  }
  fit();
  print(names_, numbers_);
  print_rule();
  for (const auto& cells : first_) print(cells, numbers_);
  first_.clear();
}

void ResultTable::print_rule() {
  std::string line;
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    if (i > 0) line += "┼";
    for (std::size_t n = 0; n < widths_[i] + (i > 0 ? 2 : 1); ++n) line += "─";
  }
  write_(line + "\n");
}

void ResultTable::print(const std::vector<std::string>& cells, const std::vector<bool>& right) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = width_ > 0 ? cut(cells[i], widths_[i]) : cells[i];
    const std::size_t length = shown(cell);
    const std::string spaces(widths_[i] > length ? widths_[i] - length : 0, ' ');
    line += (i > 0 ? " │ " : "") + (right[i] ? spaces + cell : cell + spaces);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  write_(line + "\n");
}

}  // namespace towlctl
