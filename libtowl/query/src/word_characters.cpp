#include "word_characters.hpp"

#include "utf8.hpp"

namespace towl::detail {

WordCharacters::WordCharacters() : letter_(R"([\pL\pN])", RE2::Quiet) {}

bool WordCharacters::contains(std::string_view character) const {
  const char c = character.front();
  if (static_cast<unsigned char>(c) < 0x80) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
  return character.size() > 1 && RE2::FullMatch({character.data(), character.size()}, letter_.get());
}

bool WordCharacters::is_before(std::string_view text, std::size_t at) const {
  return at > 0 && contains(character_before(text, at));
}

bool WordCharacters::is_at(std::string_view text, std::size_t at) const {
  return at < text.size() && contains(character_at(text, at));
}

}  // namespace towl::detail
