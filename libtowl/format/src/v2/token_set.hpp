// TokenSet is a set of token hashes, each with the token's kind and length. Filters are made from it.
//
// Threads: one at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace towl::detail::v2 {

/// What a token is made of.
enum class TokenKind : std::uint8_t { digits = 0, letters = 1, mixed = 2 };
inline constexpr std::size_t kTokenKinds = 3;

/// For each kind the least length that its tokens have.
using LeastLengths = std::array<std::uint8_t, kTokenKinds>;

/// Kind and length in one byte; longer tokens count as the longest.
struct TokenClass {
  static constexpr std::size_t kLengths = 32;

  std::uint8_t value = 0;

  TokenClass() = default;
  TokenClass(TokenKind kind, std::size_t length)
      : value(static_cast<std::uint8_t>(static_cast<std::size_t>(kind) * kLengths +
                                        (length < kLengths ? length : kLengths - 1))) {}

  bool is_of(const LeastLengths& least) const { return value % kLengths >= least[value / kLengths]; }
};

/// Which tokens are left out first if there is no room for all. Short ones are in nearly every frame, and so are most
/// words without digits. Identifiers are left out last.
inline constexpr std::array<LeastLengths, 16> kLeastSteps = {{{1, 1, 1},
                                                              {3, 4, 1},
                                                              {4, 6, 3},
                                                              {5, 10, 3},
                                                              {5, 14, 4},
                                                              {6, 31, 4},
                                                              {6, 31, 5},
                                                              {7, 31, 6},
                                                              {8, 31, 7},
                                                              {9, 31, 8},
                                                              {10, 31, 9},
                                                              {11, 31, 10},
                                                              {12, 31, 11},
                                                              {13, 31, 12},
                                                              {17, 31, 17},
                                                              {21, 31, 24}}};

class TokenSet {
 public:
  /// Adds a hash (0 counts as 1). Whether it was new.
  bool insert(std::uint64_t hash, TokenClass token);

  std::size_t size() const { return count_; }
  void clear();

  /// How many tokens are at least as long as `least` says.
  std::size_t count_from(const LeastLengths& least) const;

  /// Calls `visit` with the hash and class of each, in no particular order.
  template <class Visit>
  void each(Visit visit) const {
    for (std::size_t at = 0; at < hashes_.size(); ++at) {
      if (hashes_[at] != 0) visit(hashes_[at], classes_[at]);
    }
  }

 private:
  void grow();

  std::vector<std::uint64_t> hashes_;  // open addressing; 0 is free
  std::vector<TokenClass> classes_;
  std::size_t count_ = 0;
};

}  // namespace towl::detail::v2
