// ColumnLooks looks at values of columns of a sealed frame's texts, and tells which texts have them.
//
// Ownership: borrows the decoder, for a frame. Threads: one at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "v2/text_decoder.hpp"

namespace towl::detail {

inline void set_bit(std::vector<std::uint64_t>& bits, std::size_t at) {
  bits[at / 64] |= std::uint64_t{1} << (at % 64);
}
inline bool has_bit(const std::vector<std::uint64_t>& bits, std::size_t at) {
  return (bits[at / 64] >> (at % 64) & 1) != 0;
}

class ColumnLooks {
 public:
  explicit ColumnLooks(v2::TextDecoder& texts) : texts_(texts) {}

  /// Values of a column that have something: a bit each. Empty: none has.
  using Values = std::vector<std::uint64_t>;

  /// Which values of a column have what `find` finds. `find` is called with bytes that hold one value after another,
  /// and the place to begin; it gives the begin and end of a hit, npos for none. A hit that crosses from one value into
  /// the next does not count. False if the column is damaged.
  template <class Find>
  bool find(std::size_t column, Find find, Values& found);

  /// Adds the values of a column for which `is_one` is true to `found`. False if the column is damaged.
  template <class IsOne>
  bool find_values(std::size_t column, IsOne is_one, Values& found);

  /// A value that a text has.
  struct Look {
    std::uint32_t piece = 0;  ///< Of its template; the value follows it.
    std::uint32_t column = 0;
  };

  /// Calls `visit` for each text whose template has one of `columns`, with its number, its values of these columns in
  /// the order of its pieces, and which values of the columns these are.
  template <class Visit>
  bool walk(const std::vector<char>& columns, Visit visit);

 private:
  // The bytes of all values of a column of text, or of its dictionary; nullopt if they would have to be printed first.
  bool column_bytes(std::size_t column, std::optional<std::string_view>& bytes);

  v2::TextDecoder& texts_;
};

inline bool ColumnLooks::column_bytes(std::size_t number, std::optional<std::string_view>& bytes) {
  const v2::Column& column = texts_.column(number);
  const v2::Column& plain = column.kind == v2::ColumnKind::dictionary ? column.dictionary.front() : column;
  if (plain.kind != v2::ColumnKind::text) return true;
  bytes = texts_.bytes(plain.strings.bytes);
  return bytes.has_value();
}

template <class Find>
bool ColumnLooks::find(std::size_t number, Find find, Values& found) {
  const v2::Column& column = texts_.column(number);
  std::optional<std::string_view> bytes;
  if (!column_bytes(number, bytes)) return false;
  if (bytes && find(*bytes, 0).first == std::string_view::npos) return true;
  const bool is_dictionary = column.kind == v2::ColumnKind::dictionary;
  const std::span<const v2::Ref> refs = is_dictionary ? texts_.distinct(number) : texts_.values(number);
  if (refs.empty()) return false;
  const std::string_view first = texts_.at(refs.front());
  const std::string_view last = texts_.at(refs.back());
  const std::string_view all(first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data()));
  const std::uint32_t begin = refs.front().offset;
  Values hits;
  std::size_t row = 0;
  for (auto hit = find(all, 0); hit.first != std::string_view::npos;) {
    const auto ends_before = [&](const v2::Ref& ref) {
      return ref.offset + std::uint64_t{ref.bytes} - begin <= hit.first;
    };
    std::size_t step = 1;
    while (row + step < refs.size() && ends_before(refs[row + step])) step *= 2;
    const auto from = refs.begin() + static_cast<std::ptrdiff_t>(row);
    const auto to = refs.begin() + static_cast<std::ptrdiff_t>(std::min(row + step + 1, refs.size()));
    row = static_cast<std::size_t>(std::partition_point(from, to, ends_before) - refs.begin());
    if (row == refs.size()) break;
    const std::size_t end = refs[row].offset + std::size_t{refs[row].bytes} - begin;
    const bool inside = hit.first >= refs[row].offset - begin && hit.second <= end;
    if (inside) {
      if (hits.empty()) hits.assign((refs.size() + 63) / 64, 0);
      set_bit(hits, row);
    }
    hit = find(all, inside ? end : hit.first + 1);
  }
  if (hits.empty()) return true;
  if (!is_dictionary) {
    found = std::move(hits);
    return true;
  }
  found.assign((column.count + 63) / 64, 0);
  if (refs.size() == 1) {
    found.assign(found.size(), ~std::uint64_t{0});
    return true;
  }
  const std::span<const std::uint64_t> places = texts_.places(number);
  if (places.empty()) return false;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (has_bit(hits, places[i])) set_bit(found, i);
  }
  return true;
}

template <class IsOne>
bool ColumnLooks::find_values(std::size_t number, IsOne is_one, Values& found) {
  const v2::Column& column = texts_.column(number);
  const bool is_dictionary = column.kind == v2::ColumnKind::dictionary;
  const std::span<const v2::Ref> refs = is_dictionary ? texts_.distinct(number) : texts_.values(number);
  if (refs.empty()) return false;
  const std::span<const std::uint64_t> places =
      is_dictionary && refs.size() > 1 ? texts_.places(number) : std::span<const std::uint64_t>();
  if (is_dictionary && refs.size() > 1 && places.empty()) return false;
  std::vector<char> is_found(refs.size());
  for (std::size_t i = 0; i < refs.size(); ++i) is_found[i] = is_one(texts_.at(refs[i])) ? 1 : 0;
  for (std::size_t i = 0; i < column.count; ++i) {
    const std::size_t place = !is_dictionary ? i : places.empty() ? 0 : static_cast<std::size_t>(places[i]);
    if (is_found[place] == 0) continue;
    if (found.empty()) found.assign((column.count + 63) / 64, 0);
    set_bit(found, i);
  }
  return true;
}

template <class Visit>
bool ColumnLooks::walk(const std::vector<char>& columns, Visit visit) {
  std::vector<std::vector<Look>> looks(texts_.templates());
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const auto pieces = texts_.pieces(i);
    for (std::uint32_t k = 0; k < pieces.size(); ++k) {
      if (pieces[k].has_column() && columns[pieces[k].column] != 0) looks[i].push_back({k, pieces[k].column});
    }
  }
  std::vector<std::uint32_t> next(texts_.columns(), 0);
  std::vector<std::uint32_t> values;
  const auto numbers = texts_.numbers();
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    const std::vector<Look>& look = looks[numbers[row]];
    if (look.empty()) continue;
    values.clear();
    for (const Look& one : look) values.push_back(next[one.column]++);
    visit(row, look, values);
  }
  return true;
}

}  // namespace towl::detail
