#include "pattern_elements.hpp"

#include <algorithm>

#include "characters.hpp"
#include "utf8.hpp"

namespace towl::detail {
namespace {

// The length of "{2}", "{2,}" or "{2,3}" at the front; 0 if there is none: then `{` is a character.
std::size_t counted_repetition(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at == 1 || at == text.size()) return 0;
  if (text[at] == ',') {
    ++at;
    while (at < text.size() && is_digit(text[at])) ++at;
  }
  return at < text.size() && text[at] == '}' ? at + 1 : 0;
}

// The length of the set at the front; 0 if it does not end.
std::size_t set_length(std::string_view text) {
  std::size_t at = 1;
  if (at < text.size() && text[at] == '^') ++at;
  if (at < text.size() && text[at] == ']') ++at;
  while (at < text.size() && text[at] != ']') {
    if (text[at] == '\\') {
      at += 2;
    } else if (text.substr(at, 2) == "[:") {
      const auto end = text.find(":]", at + 2);
      at = end == std::string_view::npos ? at + 1 : end + 2;
    } else {
      ++at;
    }
  }
  return at < text.size() ? at + 1 : 0;
}

// Escapes by the letter after the backslash.
struct Escape {
  char letter;
  ElementKind kind;
};
constexpr Escape kEscapes[] = {
    {'A', ElementKind::text_begin}, {'z', ElementKind::text_end}, {'<', ElementKind::word_begin},
    {'>', ElementKind::word_end},   {'b', ElementKind::boundary}, {'B', ElementKind::no_boundary},
    {'d', ElementKind::set},        {'D', ElementKind::set},      {'s', ElementKind::set},
    {'S', ElementKind::set},        {'w', ElementKind::set},      {'W', ElementKind::set}};

// The length of an escape at the front, backslash included.
std::size_t escape_length(std::string_view text) {
  const char letter = text[1];
  if (letter == 'p' || letter == 'P' || letter == 'x') {
    if (text.size() > 2 && text[2] == '{') {
      const auto end = text.find('}');
      return end == std::string_view::npos ? 0 : end + 1;
    }
    return std::min<std::size_t>(text.size(), letter == 'x' ? 4 : 3);
  }
  return 1 + character_at(text, 1).size();
}

class Reader {
 public:
  explicit Reader(std::string_view pattern) : left_(pattern) {}

  std::optional<std::vector<Element>> read() {
    while (!left_.empty()) {
      if (!step()) return std::nullopt;
    }
    return std::move(elements_);
  }

 private:
  void add(ElementKind kind, std::size_t length) {
    elements_.push_back({kind, left_.substr(0, length)});
    left_.remove_prefix(length);
  }

  bool step() {
    switch (left_.front()) {
      case '\\':
        return left_.size() > 1 && escape();
      case '[': {
        const std::size_t length = set_length(left_);
        if (length > 0) add(ElementKind::set, length);
        return length > 0;
      }
      case '(':
        return group();
      case '.':
        add(ElementKind::any, 1);
        return true;
      case '^':
        add(ElementKind::line_begin, 1);
        return true;
      case '$':
        add(ElementKind::line_end, 1);
        return true;
      case ')':
        add(ElementKind::close, 1);
        return true;
      case '|':
        add(ElementKind::alternative, 1);
        return true;
      case '*':
      case '?':
        repetition(1, true);
        return true;
      case '+':
        repetition(1, false);
        return true;
      case '{':
        if (const std::size_t length = counted_repetition(left_); length > 0) {
          repetition(length, left_[1] == '0');
          return true;
        }
        break;
      default:
        break;
    }
    add(ElementKind::literal, character_at(left_, 0).size());
    return true;
  }

  void repetition(std::size_t length, bool is_optional) {
    if (left_.substr(length).starts_with('?')) ++length;
    add(ElementKind::repetition, length);
    elements_.back().is_optional = is_optional;
  }

  bool group() {
    if (!left_.starts_with("(?")) {
      add(ElementKind::open, 1);
      return true;
    }
    const auto end = left_.find_first_of(":)>");
    if (end == std::string_view::npos) return false;
    add(left_[end] == ')' ? ElementKind::flags : ElementKind::open, end + 1);
    return true;
  }

  bool escape() {
    const char letter = left_[1];
    if (letter == 'Q') {
      auto end = left_.find("\\E", 2);
      const std::size_t after = end == std::string_view::npos ? left_.size() : end + 2;
      end = std::min(end, left_.size());
      std::string_view quoted = left_.substr(2, end - 2);
      while (!quoted.empty()) {
        const std::string_view one = character_at(quoted, 0);
        elements_.push_back({ElementKind::literal, one});
        quoted.remove_prefix(one.size());
      }
      left_.remove_prefix(after);
      return true;
    }
    const std::size_t length = escape_length(left_);
    if (length == 0) return false;
    for (const Escape& known : kEscapes) {
      if (known.letter == letter) {
        add(known.kind, length);
        return true;
      }
    }
    if (letter == 'p' || letter == 'P') {
      add(ElementKind::set, length);
      return true;
    }
    const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || is_digit(letter);
    if (is_letter) {
      add(ElementKind::other, length);
      return true;
    }
    // Punctuation stands for itself.
    left_.remove_prefix(1);
    add(ElementKind::literal, length - 1);
    return true;
  }

  std::string_view left_;
  std::vector<Element> elements_;
};

}  // namespace

std::optional<std::vector<Element>> elements_of(std::string_view pattern) { return Reader(pattern).read(); }

}  // namespace towl::detail
