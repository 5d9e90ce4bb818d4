// RowSet says which entries of a batch are still wanted: a bit each.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace towl::detail {

class RowSet {
 public:
  /// `rows` rows, all of them or none.
  void reset(std::size_t rows, bool all) {
    rows_ = rows;
    words_.assign((rows + 63) / 64, all ? ~std::uint64_t{0} : 0);
    trim();
  }

  std::size_t rows() const { return rows_; }
  bool has(std::size_t row) const { return (words_[row / 64] >> (row % 64) & 1) != 0; }
  void add(std::size_t row) { words_[row / 64] |= std::uint64_t{1} << (row % 64); }
  void remove(std::size_t row) { words_[row / 64] &= ~(std::uint64_t{1} << (row % 64)); }
  /// A bit each, the lowest of the first word first; none after the last row.
  const std::vector<std::uint64_t>& words() const { return words_; }

  /// The rows of `others` from `begin` on, as many as this set has.
  void copy(const RowSet& others, std::size_t begin) {
    const std::size_t shift = begin % 64;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const std::size_t from = begin / 64 + i;
      words_[i] = others.words_[from] >> shift;
      if (shift != 0 && from + 1 < others.words_.size()) words_[i] |= others.words_[from + 1] << (64 - shift);
    }
    trim();
  }

  void invert() {
    for (std::uint64_t& word : words_) word = ~word;
    trim();
  }

  void clear() { words_.assign(words_.size(), 0); }

  bool any() const {
    for (const std::uint64_t word : words_) {
      if (word != 0) return true;
    }
    return false;
  }

  std::size_t count() const {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }

  void keep(const RowSet& others) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= others.words_[i];
  }
  void take_off(const RowSet& others) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~others.words_[i];
  }
  void put(const RowSet& others) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= others.words_[i];
  }

  /// Calls `visit` with each row that is in, ascending. It may remove that row.
  template <class Visit>
  void each(Visit visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t left = words_[i]; left != 0; left &= left - 1) {
        visit(i * 64 + static_cast<std::size_t>(std::countr_zero(left)));
      }
    }
  }

  /// Keeps the rows for which `passes` is true.
  template <class Passes>
  void filter(Passes passes) {
    each([&](std::size_t row) {
      if (!passes(row)) remove(row);
    });
  }

 private:
  void trim() {
    if (rows_ % 64 != 0) words_.back() &= (std::uint64_t{1} << (rows_ % 64)) - 1;
  }

  std::size_t rows_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace towl::detail
