// LiteralBits follows a literal, or a run of bytes that are each one of a set, over the pieces of a text that is only
// partly known: even if only the kind of some bytes is known, a match may be ruled out.
//
// It is the Shift-And automaton (Baeza-Yates, Gonnet, "A New Approach to Text Searching", 1992): a bit for each place
// in the literal, set if the bytes so far may end with the literal up to there. Only its first 64 bytes count.
// Threads: any; it does not change.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "v2/value_shape.hpp"

namespace towl::detail {

class LiteralBits {
 public:
  using Bits = std::uint64_t;

  /// With `ignore_case`, `literal` is ASCII in lower case.
  LiteralBits(std::string literal, bool ignore_case);

  /// A run of bytes, at least one and at most kMost.
  explicit LiteralBits(const std::vector<std::bitset<256>>& run);

  /// The most bytes that are followed.
  static constexpr std::size_t kMost = 64;

  /// All bytes that are in it, or may be; for a long literal, in its front.
  const std::string& bytes() const { return used_; }
  /// How many bytes it has.
  std::size_t size() const { return size_; }
  /// True if only its front is followed.
  bool is_cut() const { return size_ > kMost; }

  /// The bit of the whole literal.
  Bits whole() const { return whole_; }
  /// The state after the bytes of `text`, of matches that began before. Stops if none is left; `ends`: one ended in it.
  Bits carry(Bits bits, std::string_view text, bool& ends) const;
  /// The state of matches that begin in `text` and are not over at its end.
  Bits begin_in(std::string_view text) const;

  /// What is possible in a value of which only its shape is known.
  struct Passage {
    Bits begun = 0;       ///< What may have begun in it and not be over at its end.
    bool within = false;  ///< All of the literal may be in it.
  };
  Passage passage(const v2::ValueShape& shape) const;
  Bits carry(Bits bits, const v2::ValueShape& shape, bool& ends) const;

  /// The same for a text of which nothing is known.
  Bits begun_anywhere() const { return whole_ - 1; }
  Bits carry_anywhere(Bits bits, bool& ends) const;

  /// The first place at or after `from` where `text` has the literal; npos for none.
  std::size_t find(std::string_view text, std::size_t from = 0) const;

 private:
  void finish();
  Bits mask_of(std::uint16_t place) const;
  Bits mask_of(const v2::ValueShape& shape) const;

  std::string literal_;  // Empty: a run.
  bool ignore_case_ = false;
  std::size_t size_;
  Bits whole_ = 0;
  std::array<Bits, 256> places_{};
  Bits digits_ = 0;
  Bits hex_digits_ = 0;
  std::string used_;  // The bytes that are at some place.
};

}  // namespace towl::detail
