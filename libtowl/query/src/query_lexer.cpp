#include "query_lexer.hpp"

#include <algorithm>
#include <charconv>

#include "characters.hpp"

namespace towl::detail {
namespace {

constexpr std::string_view kSigns = "()[]{}|,:=~!*<>;";
constexpr std::string_view kQuotes = "\"'`";

bool ends_word(char c) {
  return is_blank(c) || kSigns.find(c) != std::string_view::npos || kQuotes.find(c) != std::string_view::npos ||
         c == '#';
}

void append_utf8(unsigned code, std::string& to) {
  const auto add = [&](unsigned byte) { to += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      add(0xE0 | code >> 12);
    } else {
      add(0xF0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3F));
    }
    add(0x80 | (code >> 6 & 0x3F));
  }
  add(0x80 | (code & 0x3F));
}

}  // namespace

bool QueryLexer::is_word(std::string_view lower) const {
  return kind_ == Kind::word && token_.size() == lower.size() &&
         std::equal(token_.begin(), token_.end(), lower.begin(), [](char a, char b) { return lower_of(a) == b; });
}

bool QueryLexer::take_sign(std::string_view sign) {
  if (!is_sign(sign)) return false;
  next();
  return true;
}

bool QueryLexer::take_word(std::string_view lower) {
  if (!is_word(lower)) return false;
  next();
  return true;
}

void QueryLexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (text_[at_] == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (!is_blank(text_[at_])) {
      return;
    } else {
      ++at_;
    }
  }
}

// Go's escapes, as in LogsQL. A string in backticks has none.
void QueryLexer::read_string(char quote) {
  kind_ = Kind::string;
  token_.clear();
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == quote) {
      ++at_;
      return;
    }
    if (c != '\\' || quote == '`') {
      token_ += c;
      continue;
    }
    if (++at_ == text_.size()) break;
    const char letter = text_[at_];
    static constexpr std::string_view kLetters = "abfnrtv";
    static constexpr std::string_view kBytes = "\a\b\f\n\r\t\v";
    if (const auto known = kLetters.find(letter); known != std::string_view::npos) {
      token_ += kBytes[known];
      continue;
    }
    const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    if (digits == 0) {
      // A regular expression's own backslash: "\d+" means just that.
      if (letter != quote && letter != '\\') token_ += '\\';
      token_ += letter;
      continue;
    }
    unsigned code = 0;
    const char* const begin = text_.data() + at_ + 1;
    const std::size_t left = std::min(digits, text_.size() - at_ - 1);
    const auto [end, error] = std::from_chars(begin, begin + left, code, 16);
    if (error != std::errc() || end != begin + digits || code > 0x10FFFF) {
      broken_ = "a backslash and " + std::string(1, letter) + " take " + std::to_string(digits) + " hexadecimal digits";
      return;
    }
    if (letter == 'x') {
      token_ += static_cast<char>(code);
    } else {
      append_utf8(code, token_);
    }
    at_ += digits;
  }
  broken_ = "the string has no end";
}

void QueryLexer::next() {
  const std::size_t before = at_;
  skip_blanks();
  is_apart_ = at_ > before;
  begin_ = at_;
  token_.clear();
  if (at_ == text_.size()) {
    kind_ = Kind::end;
    return;
  }
  const char c = text_[at_];
  if (kQuotes.find(c) != std::string_view::npos) return read_string(c);
  if (kSigns.find(c) != std::string_view::npos) {
    kind_ = Kind::sign;
    token_ = c;
    ++at_;
    if (at_ < text_.size() && text_[at_] == '=' && (c == '<' || c == '>' || c == '!')) {
      token_ += '=';
      ++at_;
    } else if (at_ < text_.size() && text_[at_] == '~' && c == '!') {
      token_ += '~';
      ++at_;
    }
    return;
  }
  // A minus before something negates it.
  if (c == '-' && at_ + 1 < text_.size() && !is_blank(text_[at_ + 1]) &&
      (text_[at_ + 1] < '0' || text_[at_ + 1] > '9')) {
    kind_ = Kind::sign;
    token_ = '-';
    ++at_;
    return;
  }
  kind_ = Kind::word;
  while (at_ < text_.size() && !ends_word(text_[at_])) token_ += text_[at_++];
}

std::string QueryLexer::take_raw(std::string_view ends) {
  if (kind_ == Kind::string) {
    std::string taken = token_;
    next();
    return taken;
  }
  std::size_t end = begin_;
  while (end < text_.size() && !is_blank(text_[end]) && ends.find(text_[end]) == std::string_view::npos) ++end;
  std::string taken(text_.substr(begin_, end - begin_));
  at_ = end;
  next();
  return taken;
}

tl::unexpected<Error> QueryLexer::complain(const std::string& what) const {
  return fail(ErrorCode::invalid_argument, "column " + std::to_string(begin_ + 1) + ": " + broken_.value_or(what));
}

}  // namespace towl::detail
