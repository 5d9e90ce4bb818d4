// LiteralSearch finds which entries' texts hold one of some literals, over all texts of a batch at once: the bytes
// between two texts are looked at, too, but a hit there does not count.
//
// If case matters, it is memmem, else a comparison of two bytes of the literal at 16 places at a time (after Wojciech
// Muła, "SIMD-friendly algorithms for substring searching": first and last byte, then the whole).
// Threads: any; it does not change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "batch.hpp"
#include "row_set.hpp"

namespace towl::detail {

/// One of `literals` must be in a text; if there are none, nothing is known.
struct Literals {
  std::vector<std::string> literals = {};
  bool ignore_case =
      false;  ///< The literals are ASCII, and have no letter that a letter of another script is in other case.
};

class LiteralSearch {
 public:
  explicit LiteralSearch(Literals wanted);

  bool is_empty() const { return wanted_.empty(); }

  /// Adds the rows of `among` whose stored texts have one of the literals to `found`.
  void find(const Batch& batch, const RowSet& among, RowSet& found) const;

  /// Whether `text` has one of them.
  bool is_in(std::string_view text) const;

 private:
  std::size_t find_one(std::string_view text, const std::string& literal, std::size_t from) const;
  void find_together(const Batch& batch, const std::string& literal, RowSet& found) const;

  std::vector<std::string> wanted_;
  bool ignore_case_;
};

/// The first place at or after `from` where `text` has `lower` in any case; npos for none. `lower` is lower-case ASCII.
std::size_t find_in_any_case(std::string_view text, std::string_view lower, std::size_t from);

}  // namespace towl::detail
