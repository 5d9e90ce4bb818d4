#include "grep_syntax.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "pattern_elements.hpp"
#include "utf8.hpp"

namespace towl::detail {
namespace {

// Marks are the last code points of Unicode, which no text has a use for; in UTF-8 they differ in their last byte.
// Each is repeated three times: a boundary in the pattern reads one, and several may follow one another.
constexpr std::string_view kMarkFront = "\xF4\x8F\xBF";
constexpr char kWordBegins = '\xBB';
constexpr char kWordEnds = '\xBC';
constexpr char kInWord = '\xBD';
constexpr char kOutside = '\xBE';
constexpr char kNoCharacter = '\xBF';  // In place of bytes that are no character.
constexpr std::size_t kMarkCopies = 3;
constexpr std::string_view kAnyMark = R"([\x{10FFFB}-\x{10FFFE}]*)";
constexpr std::string_view kAllMarks = R"(\x{10FFFB}-\x{10FFFF})";
constexpr std::string_view kBeginMark = R"(\x{10FFFB})";
constexpr std::string_view kEndMark = R"(\x{10FFFC})";
constexpr std::string_view kBoundaryMark = R"([\x{10FFFB}\x{10FFFC}])";
constexpr std::string_view kNoBoundaryMark = R"([\x{10FFFD}\x{10FFFE}])";

constexpr std::string_view kWord = R"(\pL\pN_)";
constexpr std::string_view kSpace = R"(\t-\r\x{85}\pZ)";

// POSIX classes, as they are written within a set.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kClasses = {{
    {"[:alpha:]", R"(\pL)"},
    {"[:alnum:]", R"(\pL\pN)"},
    {"[:upper:]", R"(\p{Lu})"},
    {"[:lower:]", R"(\p{Ll})"},
    {"[:word:]", R"(\pL\pN_)"},
    {"[:space:]", R"(\t-\r\x{85}\pZ)"},
    {"[:blank:]", R"(\t\p{Zs})"},
    {"[:punct:]", R"([:punct:]\pP\pS)"},
    {"[:^alpha:]", R"(\PL)"},
    {"[:^digit:]", R"([:^digit:])"},
}};

bool is_ascii_word(std::string_view text) {
  const char c = text.front();
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The inside of a set in brackets, in Unicode's terms, without the negation: that is `is_negated`.
std::string inside_of(std::string_view set, bool& is_negated, bool& has_negated_part) {
  set = set.substr(1, set.size() - 2);
  is_negated = set.starts_with('^');
  if (is_negated) set.remove_prefix(1);
  has_negated_part = false;
  std::string inside;
  for (std::size_t at = 0; at < set.size();) {
    if (set.substr(at, 2) == "[:") {
      const auto end = set.find(":]", at);
      const std::string_view name = set.substr(at, end == std::string_view::npos ? end : end + 2 - at);
      const auto found =
          std::find_if(kClasses.begin(), kClasses.end(), [&](const auto& known) { return known.first == name; });
      inside += found == kClasses.end() ? name : found->second;
      has_negated_part = has_negated_part || name.starts_with("[:^");
      at += name.size();
    } else if (set[at] == '\\' && at + 1 < set.size()) {
      const char letter = set[at + 1];
      const std::string_view escape = set.substr(at, 2);
      inside += letter == 'w' ? kWord : letter == 's' ? kSpace : escape;
      has_negated_part = has_negated_part || std::string_view("DSWP").find(letter) != std::string_view::npos;
      at += 2;
    } else {
      inside += set[at++];
    }
  }
  return inside;
}

// A set, in brackets or not, as its inside, and whether it is negated.
std::string set_inside(std::string_view text, bool& is_negated, bool& has_negated_part) {
  if (text.front() == '[') return inside_of(text, is_negated, has_negated_part);
  has_negated_part = false;
  const char letter = text[1];
  is_negated = letter == 'D' || letter == 'S' || letter == 'W' || letter == 'P';
  switch (letter) {
    case 'd':
    case 'D':
      return "0-9";
    case 's':
    case 'S':
      return std::string(kSpace);
    case 'w':
    case 'W':
      return std::string(kWord);
    default:  // \pL, \PL
      return "\\p" + std::string(text.substr(2));
  }
}

std::string unmarked_set(std::string_view text) {
  bool is_negated = false;
  bool has_negated_part = false;
  const std::string inside = set_inside(text, is_negated, has_negated_part);
  return (is_negated ? "[^" : "[") + inside + "]";
}

std::string literal_of(std::string_view text) { return RE2::QuoteMeta({text.data(), text.size()}); }

bool is_boundary(ElementKind kind) {
  return kind == ElementKind::word_begin || kind == ElementKind::word_end || kind == ElementKind::boundary ||
         kind == ElementKind::no_boundary;
}

// A literal of a word that must be there.
bool is_word_literal(const std::vector<Element>& elements, std::size_t at) {
  if (at >= elements.size() || elements[at].kind != ElementKind::literal || !is_ascii_word(elements[at].text))
    return false;
  const bool repeated = at + 1 < elements.size() && elements[at + 1].kind == ElementKind::repetition;
  return !repeated || !elements[at + 1].is_optional;
}

/// Gathers the runs of a pattern.
class LiteralRuns {
 public:
  explicit LiteralRuns(bool bounded_ends) : bounded_(bounded_ends) {}

  std::vector<LiteralRun> gather(const std::vector<Element>& elements) {
    bool bounded = bounded_;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const Element& element = elements[i];
      if (element.kind == ElementKind::flags) return {};
      if (element.kind == ElementKind::open) {
        end_run(false);
        ++depth;
        continue;
      }
      if (depth > 0) {
        if (element.kind == ElementKind::close) --depth;
        bounded = false;
        continue;
      }
      if (element.kind == ElementKind::alternative) return {};
      if (element.kind != ElementKind::literal) {
        bounded = take_other(element);
        continue;
      }
      const bool repeated = i + 1 < elements.size() && elements[i + 1].kind == ElementKind::repetition;
      if (repeated && elements[i + 1].is_optional) {
        end_run(false);
        bounded = false;
        continue;
      }
      if (run_.text.empty()) run_.begins_word = bounded;
      run_.text += element.text;
      bounded = false;
      if (repeated) end_run(false);
    }
    end_run(bounded_);
    return std::move(runs_);
  }

 private:
  // Whether it bounds what comes next.
  bool take_other(const Element& element) {
    switch (element.kind) {
      case ElementKind::line_begin:
      case ElementKind::text_begin:
      case ElementKind::line_end:
      case ElementKind::text_end:
      case ElementKind::word_end:
      case ElementKind::word_begin:
      case ElementKind::boundary:
        end_run(true);
        return true;
      case ElementKind::set: {
        const bool bounds = element.text == "\\s" || element.text == "\\W" || element.text == "[ ]";
        end_run(bounds);
        return bounds;
      }
      default:
        end_run(false);
        return false;
    }
  }

  void end_run(bool bounded) {
    if (run_.text.empty()) return;
    run_.ends_word = bounded;
    runs_.push_back(std::move(run_));
    run_ = {};
  }

  bool bounded_;
  LiteralRun run_;
  std::vector<LiteralRun> runs_;
};

}  // namespace

std::vector<LiteralRun> literal_runs(std::string_view pattern, const MatchOptions& options) {
  const bool bounded = options.word || options.whole;
  if (options.fixed || is_plain_pattern(pattern)) {
    if (pattern.empty()) return {};
    return {{std::string(pattern), bounded, bounded}};
  }
  const auto elements = elements_of(pattern);
  if (!elements) return {};
  auto runs = LiteralRuns(bounded).gather(*elements);
  // A repetition of what comes before it: "\s*" bounds nothing.
  for (std::size_t i = 0; i + 1 < elements->size(); ++i) {
    const bool optional_set = (*elements)[i].kind == ElementKind::set &&
                              (*elements)[i + 1].kind == ElementKind::repetition && (*elements)[i + 1].is_optional;
    if (!optional_set) continue;
    for (LiteralRun& run : runs) run.begins_word = run.ends_word = false;
    break;
  }
  return runs;
}

Translated translate(std::string_view pattern) {
  Translated made;
  const auto elements = elements_of(pattern);
  if (!elements) {
    made.pattern = pattern;
    return made;
  }
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const Element& element = (*elements)[i];
    made.has_boundaries = made.has_boundaries || is_boundary(element.kind);
    switch (element.kind) {
      case ElementKind::literal:
        made.pattern += literal_of(element.text);
        break;
      case ElementKind::set:
        made.pattern += unmarked_set(element.text);
        break;
      case ElementKind::word_begin:
        made.needs_marks = made.needs_marks || !is_word_literal(*elements, i + 1);
        made.pattern += "\\b";
        break;
      case ElementKind::word_end:
        made.needs_marks = made.needs_marks || i == 0 || !is_word_literal(*elements, i - 1);
        made.pattern += "\\b";
        break;
      default:
        made.pattern += element.text;
    }
  }
  return made;
}

std::optional<std::string> marked_pattern(std::string_view pattern) {
  const auto elements = elements_of(pattern);
  if (!elements) return std::nullopt;
  std::string made;
  const auto atom = [&](std::string_view text) { made.append("(?:").append(kAnyMark).append(text).append(")"); };
  for (const Element& element : *elements) {
    switch (element.kind) {
      case ElementKind::literal:
        atom(literal_of(element.text));
        break;
      case ElementKind::any:
        atom("[^\\n" + std::string(kAllMarks) + "]");
        break;
      case ElementKind::set: {
        bool is_negated = false;
        bool has_negated_part = false;
        const std::string inside = set_inside(element.text, is_negated, has_negated_part);
        if (has_negated_part && !is_negated) return std::nullopt;
        atom(is_negated ? "[^" + inside + std::string(kAllMarks) + "]" : "[" + inside + "]");
        break;
      }
      case ElementKind::line_end:
      case ElementKind::text_end:
        atom(element.text);
        break;
      case ElementKind::word_begin:
        made += kBeginMark;
        break;
      case ElementKind::word_end:
        made += kEndMark;
        break;
      case ElementKind::boundary:
        made += kBoundaryMark;
        break;
      case ElementKind::no_boundary:
        made += kNoBoundaryMark;
        break;
      case ElementKind::other:
        if (element.text == "\\C") return std::nullopt;
        atom(element.text);
        break;
      default:
        made += element.text;
    }
  }
  return made;
}

std::string marked_word(const std::string& marked) {
  return R"((?:[\x{10FFFB}\x{10FFFE}]|^)()" + marked + R"()(?:[\x{10FFFC}\x{10FFFE}]|$))";
}

MarkedText::MarkedText(std::string_view text, const WordCharacters& words) {
  bool was_word = false;
  for (std::size_t at = 0;;) {
    const std::string_view character = at < text.size() ? character_at(text, at) : std::string_view();
    const bool is_word = !character.empty() && words.contains(character);
    places_.push_back({static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(at)});
    for (std::size_t i = 0; i < kMarkCopies; ++i) {
      bytes_ += kMarkFront;
      bytes_ += was_word ? (is_word ? kInWord : kWordEnds) : (is_word ? kWordBegins : kOutside);
    }
    if (character.empty()) return;
    const bool is_none = utf8_length(character) == 0 || (character.size() == 4 && character.starts_with(kMarkFront) &&
                                                         character.back() >= kWordBegins);
    if (is_none) {
      bytes_ += kMarkFront;
      bytes_ += kNoCharacter;
    } else {
      bytes_ += character;
    }
    was_word = is_word;
    at += character.size();
  }
}

std::size_t MarkedText::mark_of(std::size_t at) const {
  const auto place =
      std::partition_point(places_.begin(), places_.end(), [&](const Place& one) { return one.at < at; });
  return place == places_.end() ? bytes_.size() : place->mark;
}

// A place among the marks before a character, or after them at it, is that character's.
std::size_t MarkedText::place_of(std::size_t mark) const {
  const auto after =
      std::partition_point(places_.begin(), places_.end(), [&](const Place& one) { return one.mark <= mark; });
  return after == places_.begin() ? 0 : std::prev(after)->at;
}

}  // namespace towl::detail
