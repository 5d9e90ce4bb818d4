// Runs of bytes in patterns: "[0-9]{4}-[a-f]+" has "four digits, a dash, one of a to f" in each text that matches.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "grep_syntax.hpp"
#include "pattern_elements.hpp"

namespace towl::detail {
namespace {

using Set = std::bitset<256>;

constexpr std::size_t kMostBytes = 64;

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

void put_range(Set& set, char first, char last) {
  for (int c = static_cast<unsigned char>(first); c <= static_cast<unsigned char>(last); ++c)
    set.set(static_cast<std::size_t>(c));
}

// The characters of a set if all are one byte of ASCII; nullopt for any other set.
std::optional<Set> ascii_set(std::string_view text) {
  Set set;
  if (text == "\\d") {
    put_range(set, '0', '9');
    return set;
  }
  if (text.size() < 3 || text.front() != '[' || text[1] == '^') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  const auto take = [&]() -> std::optional<char> {
    char c = text.front();
    text.remove_prefix(1);
    if (c == '\\') {
      // Other escapes are classes, or not punctuation.
      if (text.empty() || (text.front() >= '0' && text.front() <= '9') ||
          (text.front() >= 'A' && text.front() <= 'Z') || (text.front() >= 'a' && text.front() <= 'z')) {
        return std::nullopt;
      }
      c = text.front();
      text.remove_prefix(1);
    }
    return is_ascii(c) ? std::optional(c) : std::nullopt;
  };
  while (!text.empty()) {
    if (text.starts_with("[:")) {
      if (!text.starts_with("[:digit:]") && !text.starts_with("[:xdigit:]")) return std::nullopt;
      put_range(set, '0', '9');
      if (text[2] == 'x') {
        put_range(set, 'a', 'f');
        put_range(set, 'A', 'F');
      }
      text.remove_prefix(text.find(']') + 1);
      continue;
    }
    if (text.starts_with("\\d")) {
      put_range(set, '0', '9');
      text.remove_prefix(2);
      continue;
    }
    const auto first = take();
    if (!first) return std::nullopt;
    if (text.size() < 2 || text.front() != '-') {
      set.set(static_cast<unsigned char>(*first));
      continue;
    }
    text.remove_prefix(1);
    if (text.front() == '[') return std::nullopt;
    const auto last = take();
    if (!last || *last < *first) return std::nullopt;
    put_range(set, *first, *last);
  }
  return set;
}

// The same in upper and lower case; nullopt if the other case of one of them is a letter that is not ASCII.
std::optional<Set> folded(Set set) {
  for (const char c : {'k', 'K', 's', 'S'}) {
    if (set[static_cast<unsigned char>(c)]) return std::nullopt;
  }
  for (int c = 'a'; c <= 'z'; ++c) {
    const auto lower = static_cast<std::size_t>(c);
    const std::size_t upper = lower - 32;
    if (set[lower] || set[upper]) {
      set.set(lower);
      set.set(upper);
    }
  }
  return set;
}

// How often something occurs at least, and whether it may occur more often.
struct Times {
  std::size_t least = 1;
  bool is_exact = true;
};

std::optional<Times> times_of(std::string_view repetition) {
  switch (repetition.front()) {
    case '*':
    case '?':
      return Times{0, false};
    case '+':
      return Times{1, false};
    default:
      break;
  }
  Times times;
  const char* const end = repetition.data() + repetition.size();
  const auto [after, error] = std::from_chars(repetition.data() + 1, end, times.least);
  if (error != std::errc() || after == end) return std::nullopt;
  times.is_exact = *after == '}';
  return times;
}

class ByteRuns {
 public:
  explicit ByteRuns(const MatchOptions& options) : options_(options) {}

  ByteRun best(const std::vector<Element>& elements) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const Element& element = elements[i];
      if (element.kind == ElementKind::flags || (depth == 0 && element.kind == ElementKind::alternative)) return {};
      if (element.kind == ElementKind::open) {
        ++depth;
        end();
        is_all_ = false;
        continue;
      }
      if (element.kind == ElementKind::close) depth -= depth > 0 ? 1 : 0;
      if (depth > 0 || element.kind == ElementKind::close || element.kind == ElementKind::repetition) continue;
      const bool is_repeated = i + 1 < elements.size() && elements[i + 1].kind == ElementKind::repetition;
      if (!take(element, is_repeated ? &elements[i + 1] : nullptr)) return {};
    }
    end();
    best_.is_all = is_all_ && runs_ == 1 && !options_.word && !options_.whole;
    return std::move(best_);
  }

 private:
  // False if the pattern is not understood.
  bool take(const Element& element, const Element* repetition) {
    std::optional<Times> times = Times{};
    if (repetition != nullptr) times = times_of(repetition->text);
    if (!times) return false;
    std::vector<Set> sets;
    switch (element.kind) {
      case ElementKind::literal:
        for (const char c : element.text) sets.emplace_back().set(static_cast<unsigned char>(c));
        break;
      case ElementKind::set:
        if (auto set = ascii_set(element.text)) sets.push_back(*set);
        break;
      case ElementKind::line_begin:
      case ElementKind::line_end:
      case ElementKind::text_begin:
      case ElementKind::text_end:
      case ElementKind::word_begin:
      case ElementKind::word_end:
      case ElementKind::boundary:
      case ElementKind::no_boundary:
        // It matches no bytes.
        is_all_ = false;
        return true;
      default:
        break;
    }
    if (options_.ignore_case) {
      for (Set& set : sets) {
        const auto both = set.count() == 1 && !is_ascii_set(set) ? std::nullopt : folded(set);
        if (!both) {
          sets.clear();
          break;
        }
        set = *both;
      }
    }
    if (sets.empty()) {
      end();
      is_all_ = false;
      return true;
    }
    const std::size_t least = std::min(times->least, kMostBytes + 1);
    const auto put = [&] {
      for (std::size_t i = 0; i < least; ++i) run_.insert(run_.end(), sets.begin(), sets.end());
    };
    put();
    if (times->is_exact) return true;
    is_all_ = false;
    end();
    put();
    return true;
  }

  static bool is_ascii_set(const Set& set) { return (set >> 128).none(); }

  void end() {
    if (run_.empty()) return;
    ++runs_;
    if (run_.size() > kMostBytes) {
      run_.resize(kMostBytes);
      is_all_ = false;
    }
    ByteRun run{std::move(run_), false};
    run_ = {};
    if (bits_of(run) > bits_of(best_)) best_ = std::move(run);
  }

  const MatchOptions& options_;
  std::vector<Set> run_;
  std::size_t runs_ = 0;
  bool is_all_ = true;
  ByteRun best_;
};

}  // namespace

double bits_of(const ByteRun& run) {
  double bits = 0;
  for (const Set& set : run.sets) bits += 8 - std::log2(static_cast<double>(std::max<std::size_t>(set.count(), 1)));
  return bits;
}

ByteRun byte_run(std::string_view pattern, const MatchOptions& options) {
  if (options.fixed) return {};
  const auto elements = elements_of(pattern);
  return elements ? ByteRuns(options).best(*elements) : ByteRun();
}

}  // namespace towl::detail
