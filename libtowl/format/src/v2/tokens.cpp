#include "v2/tokens.hpp"

#include <array>

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

}  // namespace

void split_text(std::string_view text, std::vector<TextSlot>& slots) {
  for (std::size_t at = 0; at < text.size();) {
    if ((class_of(text[at]) & kWord) == 0) {
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
