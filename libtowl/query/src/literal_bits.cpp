#include "literal_bits.hpp"

#include <string.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "literal_search.hpp"

namespace towl::detail {

LiteralBits::LiteralBits(std::string literal, bool ignore_case)
    : literal_(std::move(literal)), ignore_case_(ignore_case), size_(literal_.size()) {
  for (std::size_t i = 0; i < std::min(size_, kMost); ++i) {
    const char c = literal_[i];
    places_[static_cast<unsigned char>(c)] |= Bits{1} << i;
    if (ignore_case_ && c >= 'a' && c <= 'z') places_[static_cast<unsigned char>(c - 'a' + 'A')] |= Bits{1} << i;
  }
  finish();
}

LiteralBits::LiteralBits(const std::vector<std::bitset<256>>& run) : size_(run.size()) {
  for (std::size_t i = 0; i < run.size(); ++i) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      if (run[i][byte]) places_[byte] |= Bits{1} << i;
    }
  }
  finish();
}

void LiteralBits::finish() {
  whole_ = Bits{1} << (std::min(size_, kMost) - 1);
  for (int c = '0'; c <= '9'; ++c) digits_ |= places_[static_cast<std::size_t>(c)];
  hex_digits_ = digits_;
  for (int c = 'a'; c <= 'f'; ++c) hex_digits_ |= places_[static_cast<std::size_t>(c)];
  for (std::size_t byte = 0; byte < 256; ++byte) {
    if (places_[byte] != 0) used_ += static_cast<char>(static_cast<unsigned char>(byte));
  }
}

LiteralBits::Bits LiteralBits::carry(Bits bits, std::string_view text, bool& ends) const {
  for (std::size_t i = 0; i < text.size() && bits != 0; ++i) {
    bits = (bits << 1) & places_[static_cast<unsigned char>(text[i])];
    if ((bits & whole_) != 0) ends = true;
    bits &= ~whole_;
  }
  return bits;
}

LiteralBits::Bits LiteralBits::begin_in(std::string_view text) const {
  const std::size_t most = std::min(size_, kMost) - 1;
  if (text.size() > most) text.remove_prefix(text.size() - most);
  Bits bits = 0;
  for (const char c : text) bits = ((bits << 1) | 1) & places_[static_cast<unsigned char>(c)];
  return bits & ~whole_;
}

LiteralBits::Bits LiteralBits::mask_of(std::uint16_t place) const {
  if (place == v2::ValueShape::kDigit) return digits_;
  return place == v2::ValueShape::kHexDigit ? hex_digits_ : places_[place];
}

LiteralBits::Bits LiteralBits::mask_of(const v2::ValueShape& shape) const {
  if (shape.bytes.all()) return whole_ | (whole_ - 1);
  Bits mask = 0;
  for (const char c : used_) {
    if (shape.bytes[static_cast<unsigned char>(c)]) mask |= places_[static_cast<unsigned char>(c)];
  }
  return mask;
}

LiteralBits::Passage LiteralBits::passage(const v2::ValueShape& shape) const {
  Passage passage;
  Bits bits = 0;
  if (!shape.places.empty()) {
    for (const std::uint16_t place : shape.places) {
      bits = ((bits << 1) | 1) & mask_of(place);
      passage.within = passage.within || (bits & whole_) != 0;
    }
    passage.begun = bits & ~whole_;
    return passage;
  }
  const Bits mask = mask_of(shape);
  const std::uint64_t steps = std::min<std::uint64_t>(shape.most, std::min(size_, kMost));
  for (std::uint64_t i = 0; i < steps; ++i) {
    const Bits next = ((bits << 1) | 1) & mask;
    passage.begun |= next;
    if (next == bits) break;
    bits = next;
  }
  passage.within = (passage.begun & whole_) != 0;
  passage.begun &= ~whole_;
  return passage;
}

LiteralBits::Bits LiteralBits::carry(Bits bits, const v2::ValueShape& shape, bool& ends) const {
  if (!shape.places.empty()) {
    for (std::size_t i = 0; i < shape.places.size() && bits != 0; ++i) {
      bits = (bits << 1) & mask_of(shape.places[i]);
      ends = ends || (bits & whole_) != 0;
      bits &= ~whole_;
    }
    return bits;
  }
  const Bits mask = mask_of(shape);
  Bits all = bits;
  const std::uint64_t steps = std::min<std::uint64_t>(shape.most, kMost);
  for (std::uint64_t i = 0; i < steps && bits != 0; ++i) {
    bits = (bits << 1) & mask;
    ends = ends || (bits & whole_) != 0;
    bits &= ~whole_;
    all |= bits;
  }
  return all;
}

LiteralBits::Bits LiteralBits::carry_anywhere(Bits bits, bool& ends) const {
  if (bits == 0) return 0;
  ends = true;
  const Bits lowest = bits & (~bits + 1);
  return (whole_ - 1) & ~(lowest - 1);
}

std::size_t LiteralBits::find(std::string_view text, std::size_t from) const {
  if (from > text.size()) return std::string_view::npos;
  if (literal_.empty()) {
    Bits bits = 0;
    for (std::size_t at = from; at < text.size(); ++at) {
      bits = ((bits << 1) | 1) & places_[static_cast<unsigned char>(text[at])];
      if ((bits & whole_) != 0) return at + 1 - size_;
    }
    return std::string_view::npos;
  }
  if (ignore_case_) return find_in_any_case(text, literal_, from);
  const void* const found = memmem(text.data() + from, text.size() - from, literal_.data(), literal_.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace towl::detail
