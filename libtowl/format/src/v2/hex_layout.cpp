#include <algorithm>
#include <cstring>

#include "v2/digit_layouts.hpp"
#include "v2/digits.hpp"

namespace towl::detail::v2 {
namespace {

constexpr auto kTwoHexDigits = [] {
  std::array<char, 512> table{};
  for (std::size_t i = 0; i < 256; ++i) {
    table[2 * i] = kHexDigits[i >> 4];
    table[2 * i + 1] = kHexDigits[i & 15];
  }
  return table;
}();

// Prints `count` of a row's digits from number `first` on, two at a time if they share a byte.
void print_run(const char* row, std::size_t first, std::size_t count, char* to) {
  const auto pair = [&](std::size_t digit) {
    return &kTwoHexDigits[2 * std::size_t{static_cast<unsigned char>(row[digit / 2])}];
  };
  const std::size_t end = first + count;
  if (first % 2 != 0) {
    *to++ = pair(first++)[1];
  }
  for (; first + 2 <= end; first += 2, to += 2) {
    std::memcpy(to, pair(first), 2);
  }
  if (first < end) {
    *to = pair(first)[0];
  }
}

}  // namespace

std::optional<HexLayout> HexLayout::of(std::span<const std::string_view> values) {
  const std::string_view model = values.front();
  if (model.empty() || model.size() > kMaxLayoutBytes) {
    return std::nullopt;
  }
  std::array<bool, kMaxLayoutBytes> varies{};
  for (const std::string_view value : values) {
    if (value.size() != model.size()) {
      return std::nullopt;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] != model[i]) {
        varies[i] = true;
      }
    }
  }
  HexLayout layout;
  layout.length_ = static_cast<std::uint8_t>(model.size());
  for (std::size_t i = 0; i < model.size(); ++i) {
    if (!varies[i]) {
      layout.pattern_[i] = model[i];
      if (model[i] == '\0') {
        return std::nullopt;
      }
      continue;
    }
    ++layout.digits_;
    if (std::any_of(values.begin(), values.end(), [i](std::string_view value) { return hex_digit(value[i]) > 15; })) {
      return std::nullopt;
    }
  }
  return layout.digits_ == 0 ? std::nullopt : std::optional(layout);
}

void HexLayout::write(std::string& directory) const {
  put_varint(directory, length_);
  directory.append(pattern_.data(), length_);
}

std::optional<HexLayout> HexLayout::read(ByteReader& directory) {
  HexLayout layout;
  layout.length_ = static_cast<std::uint8_t>(directory.varint_up_to(kMaxLayoutBytes));
  const std::string_view pattern = directory.take(layout.length_);
  std::copy(pattern.begin(), pattern.end(), layout.pattern_.begin());
  layout.digits_ = static_cast<std::uint8_t>(std::count(pattern.begin(), pattern.end(), '\0'));
  return directory.ok() && layout.digits_ != 0 ? std::optional(layout) : std::nullopt;
}

void HexLayout::pack(std::string_view value, std::string& rows) const {
  unsigned pending = 0;
  bool half = false;
  for (std::size_t i = 0; i < length_; ++i) {
    if (pattern_[i] != '\0') {
      continue;
    }
    pending = pending << 4 | hex_digit(value[i]);
    if (half) {
      put_byte(rows, pending & 0xFF);
    }
    half = !half;
  }
  if (half) {
    put_byte(rows, (pending << 4) & 0xFF);
  }
}

bool HexLayout::print(const char* rows, std::size_t count, PrintTarget& target, Ref* refs) const {
  if (count * length_ > target.left()) {
    return false;
  }
  print_rows(rows, count, target.at);
  for (std::size_t i = 0; i < count; ++i, target.at += length_) {
    refs[i] = {target.offset_of(target.at), length_};
  }
  return true;
}

void HexLayout::print_rows(const char* rows, std::size_t count, char* to) const {
  // Runs of digits, so that the inner loop copies runs and not digits.
  struct Run {
    std::uint8_t at;
    std::uint8_t digits;
  };
  std::array<Run, kMaxLayoutBytes> runs{};
  std::size_t used = 0;
  for (std::size_t i = 0; i < length_; ++i) {
    if (pattern_[i] != '\0') {
      continue;
    }
    if (used != 0 && runs[used - 1].at + runs[used - 1].digits == static_cast<int>(i)) {
      ++runs[used - 1].digits;
    } else {
      runs[used++] = {static_cast<std::uint8_t>(i), 1};
    }
  }
  const std::size_t row = row_bytes();
  for (std::size_t i = 0; i < count; ++i, rows += row, to += length_) {
    std::memcpy(to, pattern_.data(), kMaxLayoutBytes);
    std::size_t digit = 0;
    for (std::size_t r = 0; r < used; ++r) {
      print_run(rows, digit, runs[r].digits, to + runs[r].at);
      digit += runs[r].digits;
    }
  }
}

}  // namespace towl::detail::v2
