#include "pattern_miner.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "characters.hpp"
#include "towl/record/json_reader.hpp"

namespace towl::detail {
namespace {

constexpr char kVaries = '\0';

/// About the memory that a pattern takes in addition to its text.
constexpr std::size_t kPatternOverhead = 128;
/// The most that is used of a text without a template: lines that people read are shorter.
constexpr std::size_t kMostTextBytes = 1024;
/// At most this many pairs of patterns, and bytes of them, are compared: some tenths of a second.
constexpr std::size_t kMostPairs = std::size_t{1} << 24;
constexpr std::size_t kMostPairBytes = std::size_t{1} << 28;

// Words include dots and dashes, as in the writer: an address, a version.
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-' ||
         c == kVaries;
}

bool comes_before(const SearchPlace& a, const SearchPlace& b) {
  return std::tie(a.file, a.ordinal) < std::tie(b.file, b.ordinal);
}

// Varying parts next to each other are joined, also with a colon or a comma between: clocks, lists of numbers.
void append_varying(std::string& to) {
  if (to.ends_with(kVaries)) return;
  if (to.size() >= 2 && (to.back() == ':' || to.back() == ',') && to[to.size() - 2] == kVaries) {
    to.pop_back();
    return;
  }
  to += kVaries;
}

struct Worded {
  const std::string* pattern = nullptr;
  std::size_t varying = 0;  // How many of its words only vary.
};

struct PatternWords {
  std::size_t all = 0;
  std::size_t varying = 0;
};

bool is_varying(std::string_view word) { return word.size() == 1 && word.front() == kVaries; }

/// Calls `each` with the words between blanks, until it returns false.
template <class Each>
void each_word(std::string_view text, Each each) {
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(' ', begin);
    const bool is_last = end == std::string_view::npos;
    if (!each(text.substr(begin, is_last ? end : end - begin)) || is_last) return;
    begin = end + 1;
  }
}

PatternWords words_of(std::string_view pattern) {
  PatternWords words;
  each_word(pattern, [&](std::string_view word) {
    ++words.all;
    words.varying += is_varying(word) ? 1 : 0;
    return true;
  });
  return words;
}

// Both have as many words.
bool covers(const std::string& general, std::string_view special) {
  bool all = true;
  each_word(general, [&](std::string_view word) {
    const std::size_t end = special.find(' ');
    all = word == special.substr(0, end) || is_varying(word);
    if (end != std::string_view::npos) special.remove_prefix(end + 1);
    return all;
  });
  return all;
}

}  // namespace

namespace {

// The text, with words with digits marked as varying, like the parts that vary already.
std::string masked(std::string_view text) {
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
      pattern += text.substr(at, word_end - at);
    }
    pattern += text.substr(word_end, end - word_end);
    at = end;
  }
  return pattern;
}

// The pattern of all texts that are of no kind: a template that says nothing.
bool says_nothing(std::span<const v2::TextPiece> pieces) {
  return pieces.front().has_column() && std::all_of(pieces.begin(), pieces.end(), [](const v2::TextPiece& piece) {
           return piece.literal_bytes == 0 && piece.column != v2::TextPiece::kNested;
         });
}

}  // namespace

std::string pattern_of(std::span<const v2::TextPiece> pieces, bool is_json, const WordOf& word) {
  std::string text;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    text += pieces[i].text();
    if (pieces[i].column == v2::TextPiece::kEnd) continue;
    const auto kept = word ? word(i) : std::nullopt;
    if (kept) {
      text += *kept;
    } else {
      text += kVaries;
    }
  }
  // If it has escapes: as it reads.
  if (is_json && text.find('\\') != std::string::npos) text = unescape_json("\"" + text + "\"");
  return masked(text);
}

std::string pattern_of_text(std::string_view text) {
  if (text.size() <= kMostTextBytes) return masked(text);
  std::size_t end = kMostTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  std::string pattern = masked(text.substr(0, end));
  append_varying(pattern);
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

void PatternMiner::add(std::string pattern, const Found& found, std::size_t max_bytes) {
  const auto known = found_.find(pattern);
  if (known != found_.end()) {
    Found& all = known->second;
    if (all.general == 0) all.general = found.general;
    all.count += found.count;
    all.earlier += found.earlier;
    if (comes_before(found.example, all.example)) all.example = found.example;
    return;
  }
  const std::size_t bytes = pattern.size() + kPatternOverhead;
  if (bytes_ + bytes > max_bytes) {
    others_ += found.count;
    return;
  }
  bytes_ += bytes;
  found_.emplace(std::move(pattern), found);
}

v2::FrameSieve::Texts PatternMiner::sift(v2::SealedFrame& frame, std::vector<std::uint64_t>& chosen) {
  v2::TextDecoder& texts = frame.texts();
  v2::TextDecoder* const nested = frame.nested();
  const auto entries = frame.entries();
  const auto numbers = texts.numbers();
  const std::size_t templates = texts.templates();
  std::vector<std::uint32_t> nested_of(templates, 0);
  for (std::size_t i = 0; i < templates; ++i) {
    for (const v2::TextPiece& piece : texts.pieces(i)) nested_of[i] += piece.column == v2::TextPiece::kNested ? 1 : 0;
  }
  const std::size_t all = templates + (nested == nullptr ? 0 : nested->templates());
  counted_.clear();
  counted_at_.assign(all, 0);
  says_nothing_.assign(all, false);
  generals_of_.assign(all, {});
  plan(texts, false, 0, words_);
  if (nested != nullptr) plan(*nested, true, templates, nested_words_);
  first_ = frame.first();
  rows_ = numbers.size();
  chosen_.assign((rows_ + 63) / 64, 0);
  bool any_chosen = false;
  std::size_t inner = 0;
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    const std::uint32_t number = numbers[row];
    std::size_t kind = words_.next(number);
    std::size_t at = number;
    for (std::uint32_t i = 0; i < nested_of[number]; ++i) {
      const std::uint32_t one = nested->numbers()[inner++];
      const std::size_t nested_kind = nested_words_.next(one);
      // If there are several nested texts, the first one is the message.
      if (i == 0) std::tie(at, kind) = std::tuple(templates + one, nested_kind);
    }
    const Ordinal ordinal = ordinals_ == nullptr ? first_ + row : (*ordinals_)[row];
    if (says_nothing_[at]) {
      Found found;
      if (!note(ordinal, entries[row].time(), found)) continue;
      chosen_[row / 64] |= std::uint64_t{1} << (row % 64);
      any_chosen = true;
    } else {
      note(ordinal, entries[row].time(), counted_[counted_at_[at] + kind]);
    }
  }
  for (std::size_t i = 0; i < all; ++i) {
    const bool is_nested = i >= templates;
    const std::size_t number = is_nested ? i - templates : i;
    add_kinds(is_nested ? nested->pieces(number) : texts.pieces(number), is_nested, is_nested ? nested_words_ : words_,
              number, generals_of_[i], counted_at_[i]);
  }
  if (!any_chosen) return Texts::none;
  chosen = chosen_;
  return Texts::some;
}

void PatternMiner::plan(v2::TextDecoder& texts, bool is_json, std::size_t offset, WordColumns& words) {
  std::vector<bool> says_little(texts.templates(), false);
  for (std::size_t i = 0; i < texts.templates(); ++i) {
    const auto pieces = texts.pieces(i);
    // A text that is the only one of its kind in the frame has no template of its own.
    says_nothing_[offset + i] = says_nothing(pieces);
    if (texts.uses(i) == 0 || says_nothing_[offset + i]) continue;
    generals_of_[offset + i] = pattern_of(pieces, is_json);
    const PatternWords counted = words_of(generals_of_[offset + i]);
    says_little[i] = 2 * counted.varying > counted.all;
  }
  words.begin(texts, says_little);
  for (std::size_t i = 0; i < texts.templates(); ++i) {
    counted_at_[offset + i] = counted_.size();
    counted_.resize(counted_.size() + words.kinds(i));
  }
}

// 0 if there is no room for it.
std::uint64_t PatternMiner::keep_general(const std::string& pattern) {
  const std::uint64_t key = std::hash<std::string>{}(pattern) | 1;
  if (generals_.contains(key)) return key;
  const std::size_t bytes = pattern.size() + kPatternOverhead;
  if (bytes_ + bytes > max_bytes_) return 0;
  bytes_ += bytes;
  generals_.emplace(key, pattern);
  return key;
}

void PatternMiner::add_kinds(std::span<const v2::TextPiece> pieces, bool is_json, const WordColumns& words,
                             std::size_t number, const std::string& general, std::size_t at) {
  const std::size_t kinds = words.kinds(number);
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    Found& found = counted_[at + kind];
    if (found.count == 0) continue;
    found.general = kinds == 1 ? 0 : keep_general(general);
    if (found.general == 0) {
      add(general, found, max_bytes_);
      continue;
    }
    add(pattern_of(pieces, is_json, [&](std::size_t piece) { return words.word(number, kind, piece); }), found,
        max_bytes_);
  }
}

bool PatternMiner::note(Ordinal ordinal, Timestamp time, Found& found) const {
  if (ordinal < from_ || ordinal >= end_) return false;
  if (has_times_) {
    const bool is_last = options_.until == std::numeric_limits<Timestamp>::max();
    if (time < options_.since || (time >= options_.until && !is_last)) return false;
    if (options_.new_since && time < *options_.new_since) ++found.earlier;
  }
  if (found.count++ == 0) found.example = {file_, ordinal};
  return true;
}

void PatternMiner::add_text(Ordinal ordinal, const EntryView& entry) {
  Found found;
  if (!note(ordinal, entry.time(), found)) return;
  record_.set(entry);
  // Prose has a pattern for each line: texts with templates keep the other half.
  add(pattern_of_text(record_.message()), found, max_bytes_ / 2);
}

void PatternMiner::add(const PatternMiner& other) {
  for (const auto& [pattern, found] : other.found_) add(pattern, found, max_bytes_);
  generals_.insert(other.generals_.begin(), other.generals_.end());
  others_ += other.others_;
}

// A fixed word of one frame may vary in the next. A pattern with hardly any words covers no other one: it would say
// nothing.
void PatternMiner::merge() {
  fold_words();
  std::map<std::size_t, std::vector<Worded>> by_size;
  for (const auto& [pattern, found] : found_) {
    const PatternWords words = words_of(pattern);
    by_size[words.all].push_back({&pattern, words.varying});
  }
  std::vector<std::pair<std::string, std::string>> moves;
  std::size_t pairs = 0;
  std::size_t bytes = 0;
  for (auto& [size, patterns] : by_size) {
    std::sort(patterns.begin(), patterns.end(), [](const Worded& a, const Worded& b) {
      return a.varying != b.varying ? a.varying > b.varying : *a.pattern < *b.pattern;
    });
    for (const Worded& one : patterns) {
      for (const Worded& general : patterns) {
        if (general.varying <= one.varying || pairs > kMostPairs || bytes > kMostPairBytes) break;
        if (2 * general.varying > size) continue;
        ++pairs;
        bytes += std::min(general.pattern->size(), one.pattern->size());
        if (!covers(*general.pattern, *one.pattern)) continue;
        moves.emplace_back(*one.pattern, *general.pattern);
        break;
      }
    }
  }
  for (const auto& [from, to] : moves) move(from, to);
}

// If there are several steps, the last one: a general pattern may have been merged itself.
void PatternMiner::move(const std::string& from, const std::string& to) {
  const auto found = found_.find(from);
  Found moved = found->second;
  moved.general = 0;
  found_.erase(found);
  bytes_ -= from.size() + kPatternOverhead;
  add(to, moved, max_bytes_);
}

// Words are kept if they are few in all frames together, and no frame had others in their place.
void PatternMiner::fold_words() {
  std::unordered_map<std::uint64_t, std::vector<std::string>> kinds;
  for (const auto& [pattern, found] : found_) {
    if (found.general != 0) kinds[found.general].push_back(pattern);
  }
  for (const auto& [general, patterns] : kinds) {
    const std::string& to = generals_.at(general);
    if (patterns.size() <= kMostKinds && !found_.contains(to)) continue;
    for (const std::string& pattern : patterns) {
      if (pattern != to) move(pattern, to);
    }
  }
}

}  // namespace towl::detail
