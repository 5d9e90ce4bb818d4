// WordColumns tells the texts of one template apart by words that vary in it: "status installed" and "status unpacked" are
// two patterns, though the template is one.
//
// It does that for templates that say little without these words, and only if there are few different words: a pattern
// for each user, or each package, would be useless.
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "v2/text_decoder.hpp"

namespace towl::detail {

/// One template has at most this many kinds.
inline constexpr std::size_t kMostKinds = 16;

class WordColumns {
 public:
  /// Begins with the texts of a frame, none of which was looked at yet. `says_little` says for each template whether
  /// its texts are to be told apart. `texts` must stay valid.
  void begin(v2::TextDecoder& texts, const std::vector<bool>& says_little);

  /// How many kinds of texts the template has, 1 to kMostKinds.
  std::size_t kinds(std::size_t number) const { return number < plans_.size() ? plans_[number].kinds : 1; }

  /// The kind of the next text, which has this template. Call it for all texts, in their order.
  std::size_t next(std::size_t number);

  /// The word at the template's piece in texts of this kind; nullopt if that varies.
  std::optional<std::string_view> word(std::size_t number, std::size_t kind, std::size_t piece) const;

 private:
  static constexpr std::uint32_t kUnknown = ~std::uint32_t{0};
  static constexpr std::uint32_t kNone = kUnknown - 1;
  // A dictionary of few words.
  struct Words {
    std::span<const v2::Ref> words;
    std::span<const std::uint64_t> places;
    std::size_t next = 0;
  };
  struct Use {
    std::uint32_t words = 0;  // Which Words …
    std::uint32_t piece = 0;  // … at which piece.
    bool counts = false;      // Or only passes a value.
  };
  struct Plan {
    std::size_t kinds = 1;
    std::vector<Use> uses;
  };

  std::uint32_t words_of(std::uint32_t column);
  void choose(std::size_t number);

  v2::TextDecoder* texts_ = nullptr;
  std::vector<Plan> plans_;  // Of each template; empty if all are of one kind.
  std::vector<Words> words_;
  std::vector<std::uint32_t> words_of_column_;  // kUnknown: not looked at; kNone: it has other values.
};

}  // namespace towl::detail
