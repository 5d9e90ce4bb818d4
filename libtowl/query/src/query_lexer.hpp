// QueryLexer gives the words and signs of a query, one after another.
//
// Its views point into the query, or, for a string with escapes, into the lexer; valid until the next call.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towl::detail {

class QueryLexer {
 public:
  explicit QueryLexer(std::string_view text) : text_(text) { next(); }

  enum class Kind { word, string, sign, end };
  Kind kind() const { return kind_; }
  /// A string without its quotes and escapes.
  const std::string& text() const { return token_; }
  /// There are blanks before it.
  bool is_apart() const { return is_apart_; }

  bool is_sign(std::string_view sign) const { return kind_ == Kind::sign && token_ == sign; }
  /// A word, in any case; a string is none.
  bool is_word(std::string_view lower) const;
  /// A word or a string.
  bool is_text() const { return kind_ == Kind::word || kind_ == Kind::string; }

  void next();
  /// Goes on if it is the sign or word.
  bool take_sign(std::string_view sign);
  bool take_word(std::string_view lower);

  /// Whether the sign `:` comes directly after the current token.
  bool is_before_colon() const { return at_ < text_.size() && text_[at_] == ':'; }
  /// Whether `(` or `[` does.
  bool is_before(char sign) const { return at_ < text_.size() && text_[at_] == sign; }

  /// Takes everything from the current token up to a blank or one of `ends`, or a string: times have signs in them.
  std::string take_raw(std::string_view ends);

  /// An error at the current token.
  tl::unexpected<Error> complain(const std::string& what) const;

  /// What is wrong with a string, if something is.
  const std::optional<std::string>& broken() const { return broken_; }

 private:
  void skip_blanks();
  void read_string(char quote);

  std::string_view text_;
  std::size_t at_ = 0;     // After the current token.
  std::size_t begin_ = 0;  // Of the current token.
  Kind kind_ = Kind::end;
  std::string token_;
  bool is_apart_ = false;
  std::optional<std::string> broken_;
};

}  // namespace towl::detail
