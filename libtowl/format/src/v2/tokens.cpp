#include "v2/tokens.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "v2/hash.hpp"

namespace towl::detail::v2 {
namespace {

enum Class : std::uint8_t {
  kWord = 1,    ///< Letters, digits, underscores, everything that is not ASCII.
  kDigit = 2,   ///< Also a kWord.
  kJoin = 4,    ///< Joins words: 10.0.0.1, a-b.
  kMiddle = 8,  ///< Joins digits: 12:00:00,123.
};

constexpr auto kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    classes[c] = digit ? kWord | kDigit : letter || c == '_' || c >= 0x80 ? kWord : 0;
  }
  classes['.'] = classes['-'] = kJoin;
  classes[':'] = classes[','] = kMiddle;
  return classes;
}();

constexpr std::size_t kQuoted = std::tuple_size_v<decltype(QuotedFields::vary)>;
// Of a text.
constexpr std::size_t kMostLookedAt = 4096;

constexpr std::string_view kBeforeQuote = " =[({,:";
constexpr std::string_view kAfterQuote = " ,])};:.";

std::uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

// The end of the word that begins at `at`; collects its classes in `seen`.
std::size_t word_end(std::string_view text, std::size_t at, unsigned& seen) {
  bool dotted = false;
  for (; at < text.size(); ++at) {
    const unsigned here = class_of(text[at]);
    if ((here & kWord) == 0) {
      if (here == 0 || at + 1 == text.size()) {
        return at;
      }
      const unsigned next = class_of(text[at + 1]);
      const unsigned previous = class_of(text[at - 1]);
      // A colon joins a clock's digits, but parts an address, which has dots, from its port.
      const bool joins =
          here == kJoin ? (next & kWord) != 0 : (next & previous & kDigit) != 0 && !(dotted && text[at] == ':');
      if (!joins) {
        return at;
      }
      dotted = dotted || text[at] == '.';
    }
    seen |= here;
  }
  return at;
}

// The end of the quoted text that begins at `at`, after the quote; `at` if it is not a field of its own, as an access
// log's request, referrer and agent are.
std::size_t quoted_end(std::string_view text, std::size_t at) {
  if (at >= 2 && kBeforeQuote.find(text[at - 2]) == std::string_view::npos) return at;
  for (std::size_t end = text.find('"', at); end != std::string_view::npos; end = text.find('"', end + 1)) {
    std::size_t escapes = 0;
    while (end - escapes > at && text[end - escapes - 1] == '\\') ++escapes;
    if (escapes % 2 != 0) continue;
    const bool ends = end + 1 == text.size() || kAfterQuote.find(text[end + 1]) != std::string_view::npos;
    return ends ? end : at;
  }
  return at;
}

// A dash on its own stands for a missing value: an access log's size or user.
bool is_dash(std::string_view text, std::size_t at) {
  return text[at] == '-' && (at == 0 || text[at - 1] == ' ') && (at + 1 == text.size() || text[at + 1] == ' ');
}

}  // namespace

QuotedFields find_quoted(std::span<const EntryView> entries) {
  constexpr std::size_t kLookedAt = 4096;
  constexpr std::size_t kEnough = 64;
  std::array<std::unordered_set<std::uint64_t>, kQuoted> different;
  std::array<std::size_t, kQuoted> seen{};
  const std::size_t stride = std::max<std::size_t>(1, entries.size() / kLookedAt);
  for (std::size_t i = 0; i < entries.size(); i += stride) {
    const std::string_view text = entries[i].log_entry.substr(0, kMostLookedAt);
    if (text.starts_with("{\"")) continue;  // JSON, which is split by its values.
    std::size_t field = 0;
    for (std::size_t at = text.find('"'); at != std::string_view::npos; at = text.find('"', at)) {
      const std::size_t end = quoted_end(text, ++at);
      if (end == at) continue;
      different[field].insert(hash_bytes(0, text.substr(at, end - at)));
      ++seen[field];
      field = std::min(field + 1, kQuoted - 1);
      at = end + 1;
    }
  }
  QuotedFields quoted;
  for (std::size_t i = 0; i < kQuoted; ++i) {
    quoted.vary[i] = seen[i] >= kEnough && different[i].size() * 4 > seen[i] * 3;
  }
  return quoted;
}

void split_text(std::string_view text, std::vector<TextSlot>& slots, const QuotedFields& quoted) {
  std::size_t field = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      const std::size_t end = quoted_end(text, ++at);
      if (end == at) continue;
      const bool varies = quoted.vary[field];
      field = std::min(field + 1, kQuoted - 1);
      if (varies) continue;
      slots.push_back({.begin = static_cast<std::uint32_t>(at), .end = static_cast<std::uint32_t>(end)});
      at = end + 1;
      continue;
    }
    if ((class_of(text[at]) & kWord) == 0) {
      if (is_dash(text, at)) {
        slots.push_back({.begin = static_cast<std::uint32_t>(at), .end = static_cast<std::uint32_t>(at + 1)});
      }
      ++at;
      continue;
    }
    unsigned seen = 0;
    const std::size_t end = word_end(text, at, seen);
    if ((seen & kDigit) != 0) {
      slots.push_back({.begin = static_cast<std::uint32_t>(at), .end = static_cast<std::uint32_t>(end)});
    }
    at = end;
  }
}

}  // namespace towl::detail::v2
