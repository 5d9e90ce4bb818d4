#include "pattern_miner.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "towl/record/json_reader.hpp"

namespace towl::detail {
namespace {

constexpr char kVaries = '\0';

/// What a pattern takes besides its text, about.
constexpr std::size_t kPatternOverhead = 128;
/// Of more patterns with as many words, all pairs are not compared.
constexpr std::size_t kMostCompared = 4096;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Words go on over dots and dashes, as the writer's do: an address, a version.
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-' ||
         c == kVaries;
}

bool comes_before(const SearchPlace& a, const SearchPlace& b) {
  return std::tie(a.file, a.ordinal) < std::tie(b.file, b.ordinal);
}

// What varies next to what varies is one, also with a colon or a comma between: clocks, lists of numbers.
void append_varying(std::string& to) {
  if (to.ends_with(kVaries)) return;
  if (to.size() >= 2 && (to.back() == ':' || to.back() == ',') && to[to.size() - 2] == kVaries) {
    to.pop_back();
    return;
  }
  to += kVaries;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(' ', begin);
    words.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return words;
    begin = end + 1;
  }
}

struct Worded {
  const std::string* pattern = nullptr;
  std::vector<std::string_view> words;
  std::size_t varying = 0;
};

bool is_varying(std::string_view word) { return word.size() == 1 && word.front() == kVaries; }

bool covers(const Worded& general, const Worded& special) {
  for (std::size_t i = 0; i < general.words.size(); ++i) {
    if (general.words[i] != special.words[i] && !is_varying(general.words[i])) return false;
  }
  return true;
}

}  // namespace

std::string pattern_of(std::span<const v2::TextPiece> pieces, bool is_json) {
  std::string text;
  for (const v2::TextPiece& piece : pieces) {
    text += piece.text();
    if (piece.column != v2::TextPiece::kEnd) text += kVaries;
  }
  // As it reads, where it has escapes.
  if (is_json && text.find('\\') != std::string::npos) text = unescape_json("\"" + text + "\"");
  std::string pattern;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      pattern += text[at++];
      continue;
    }
    std::size_t end = at;
    bool varies = false;
    for (; end < text.size() && is_word(text[end]); ++end)
      varies = varies || is_digit(text[end]) || text[end] == kVaries;
    // Stops and dashes at the end are punctuation.
    std::size_t word_end = end;
    while (word_end > at && (text[word_end - 1] == '.' || text[word_end - 1] == '-')) --word_end;
    if (varies) {
      append_varying(pattern);
    } else {
      pattern.append(text, at, word_end - at);
    }
    pattern.append(text, word_end, end - word_end);
    at = end;
  }
  return pattern;
}

std::string shown_pattern(std::string_view pattern) {
  std::string shown;
  for (const char c : pattern) {
    if (c == kVaries) {
      shown += "<*>";
    } else {
      shown += c;
    }
  }
  return shown;
}

void PatternMiner::add(std::string pattern, const Found& found) {
  const auto known = found_.find(pattern);
  if (known != found_.end()) {
    Found& all = known->second;
    all.count += found.count;
    all.earlier += found.earlier;
    if (comes_before(found.example, all.example)) all.example = found.example;
    return;
  }
  const std::size_t bytes = pattern.size() + kPatternOverhead;
  if (bytes_ + bytes > options_.max_bytes) {
    others_ += found.count;
    return;
  }
  bytes_ += bytes;
  found_.emplace(std::move(pattern), found);
}

v2::FrameSieve::Texts PatternMiner::sift(v2::SealedFrame& frame, std::vector<std::uint64_t>& /*chosen*/) {
  v2::TextDecoder& texts = frame.texts();
  v2::TextDecoder* const nested = frame.nested();
  const auto entries = frame.entries();
  const auto numbers = texts.numbers();
  const Ordinal first = first_.value_or(frame.first());
  const std::size_t templates = texts.templates();
  counted_.assign(templates + (nested == nullptr ? 0 : nested->templates()), {});
  std::vector<std::uint32_t> nested_of(templates, 0);
  for (std::size_t i = 0; i < templates; ++i) {
    for (const v2::TextPiece& piece : texts.pieces(i)) nested_of[i] += piece.column == v2::TextPiece::kNested ? 1 : 0;
  }
  const bool has_times = this->has_times();
  std::size_t inner = 0;
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    const std::uint32_t number = numbers[row];
    // Of several nested texts the first one is the message.
    Found& found = counted_[nested_of[number] == 0 ? number : templates + nested->numbers()[inner]];
    inner += nested_of[number];
    const Ordinal ordinal = first + row;
    if (ordinal < from_ || ordinal >= end_) continue;
    if (has_times) {
      const Timestamp time = entries[row].time();
      const bool is_last = options_.until == std::numeric_limits<Timestamp>::max();
      if (time < options_.since || (time >= options_.until && !is_last)) continue;
      if (options_.new_since && time < *options_.new_since) ++found.earlier;
    }
    if (found.count++ == 0) found.example = {file_, ordinal};
  }
  for (std::size_t i = 0; i < counted_.size(); ++i) {
    if (counted_[i].count == 0) continue;
    const bool is_nested = i >= templates;
    add(pattern_of(is_nested ? nested->pieces(i - templates) : texts.pieces(i), is_nested), counted_[i]);
  }
  return Texts::none;
}

void PatternMiner::add(const PatternMiner& other) {
  for (const auto& [pattern, found] : other.found_) add(pattern, found);
  others_ += other.others_;
}

// What one frame has as a word of its own may vary in the next. A pattern of hardly any words covers none: it would say
// nothing.
void PatternMiner::merge() {
  std::map<std::size_t, std::vector<Worded>> by_size;
  for (const auto& [pattern, found] : found_) {
    Worded worded{.pattern = &pattern, .words = words_of(pattern)};
    worded.varying = static_cast<std::size_t>(std::count_if(worded.words.begin(), worded.words.end(), is_varying));
    by_size[worded.words.size()].push_back(std::move(worded));
  }
  std::vector<std::pair<std::string, std::string>> moves;
  for (auto& of_size : by_size) {
    const std::size_t size = of_size.first;
    auto& patterns = of_size.second;  // clang 14 captures no structured bindings.
    if (patterns.size() > kMostCompared) continue;
    std::sort(patterns.begin(), patterns.end(), [](const Worded& a, const Worded& b) {
      return a.varying != b.varying ? a.varying > b.varying : *a.pattern < *b.pattern;
    });
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      const auto general =
          std::find_if(patterns.begin(), patterns.begin() + static_cast<std::ptrdiff_t>(i), [&](const Worded& one) {
            return one.varying > patterns[i].varying && 2 * one.varying <= size && covers(one, patterns[i]);
          });
      if (general != patterns.begin() + static_cast<std::ptrdiff_t>(i))
        moves.emplace_back(*patterns[i].pattern, *general->pattern);
    }
  }
  for (const auto& [from, to] : moves) {
    // Of several steps the last one: a general pattern may have gone itself.
    const auto found = found_.find(from);
    const Found moved = found->second;
    found_.erase(found);
    bytes_ -= from.size() + kPatternOverhead;
    auto target = found_.find(to);
    if (target == found_.end()) {
      add(to, moved);
      continue;
    }
    target->second.count += moved.count;
    target->second.earlier += moved.earlier;
    if (comes_before(moved.example, target->second.example)) target->second.example = moved.example;
  }
}

}  // namespace towl::detail
