#include <algorithm>
#include <cstring>

#include "v2/digits.hpp"
#include "v2/layout.hpp"

namespace towl::detail::v2 {
namespace {

constexpr unsigned kMaxGroupDigits = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::uint64_t power_of_ten(unsigned digits) {
  std::uint64_t power = 1;
  for (; digits != 0; --digits) {
    power *= 10;
  }
  return power;
}

bool same_places(std::span<const std::string_view> values) {
  const std::string_view model = values.front();
  return std::all_of(values.begin(), values.end(), [model](std::string_view value) {
    if (value.size() != model.size()) {
      return false;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (is_digit(value[i]) ? !is_digit(model[i]) : value[i] != model[i]) {
        return false;
      }
    }
    return true;
  });
}

std::uint64_t digits_at(std::string_view text, std::size_t at, unsigned digits) {
  std::uint64_t value = 0;
  for (const char c : text.substr(at, digits)) {
    value = value * 10 + (static_cast<unsigned char>(c) - unsigned{'0'});
  }
  return value;
}

// The least radix of a clock or calendar that `largest` fits: seconds and minutes stand next to a colon, hours before
// one.
std::uint64_t radix_for(std::string_view text, std::size_t at, unsigned digits, std::uint64_t largest) {
  if (digits == 2) {
    const bool after_colon = at > 0 && text[at - 1] == ':';
    const bool before_colon = at + 2 < text.size() && text[at + 2] == ':';
    if (before_colon && !after_colon && largest < 24) {
      return 24;
    }
    if ((before_colon || after_colon) && largest < 60) {
      return 60;
    }
    if (largest <= 31) {
      return 32;
    }
  }
  return power_of_ten(digits);
}

}  // namespace

std::optional<ClockLayout> ClockLayout::of(std::span<const std::string_view> values) {
  const std::string_view model = values.front();
  if (model.empty() || model.size() > kMaxLayoutBytes || !same_places(values)) {
    return std::nullopt;
  }
  ClockLayout layout;
  layout.length_ = static_cast<std::uint8_t>(model.size());
  std::copy(model.begin(), model.end(), layout.pattern_.begin());
  std::uint64_t product = 1;
  for (std::size_t at = 0; at < model.size();) {
    if (!is_digit(model[at])) {
      ++at;
      continue;
    }
    unsigned digits = 1;
    while (at + digits < model.size() && is_digit(model[at + digits])) {
      ++digits;
    }
    const std::string_view group = model.substr(at, digits);
    if (std::any_of(values.begin(), values.end(),
                    [&](std::string_view value) { return value.substr(at, digits) != group; })) {
      if (layout.groups_ == kMaxGroups || digits > kMaxGroupDigits) {
        return std::nullopt;
      }
      std::uint64_t largest = 0;
      for (const std::string_view value : values) {
        largest = std::max(largest, digits_at(value, at, digits));
      }
      const std::uint64_t radix = layout.groups_ == 0 ? power_of_ten(digits) : radix_for(model, at, digits, largest);
      if (__builtin_mul_overflow(product, radix, &product)) {
        return std::nullopt;
      }
      layout.group_[layout.groups_++] = {static_cast<std::uint8_t>(at), static_cast<std::uint8_t>(digits), radix};
    }
    at += digits;
  }
  return layout.groups_ == 0 ? std::nullopt : std::optional(layout);
}

void ClockLayout::write(std::string& directory) const {
  put_varint(directory, length_);
  directory.append(pattern_.data(), length_);
  put_varint(directory, groups_);
  for (std::size_t i = 0; i < groups_; ++i) {
    put_varint(directory, group_[i].at);
    put_varint(directory, group_[i].digits);
    put_varint(directory, group_[i].radix);
  }
}

std::optional<ClockLayout> ClockLayout::read(ByteReader& directory) {
  ClockLayout layout;
  layout.length_ = static_cast<std::uint8_t>(directory.varint_up_to(kMaxLayoutBytes));
  const std::string_view pattern = directory.take(layout.length_);
  std::copy(pattern.begin(), pattern.end(), layout.pattern_.begin());
  layout.groups_ = static_cast<std::uint8_t>(directory.varint_up_to(kMaxGroups));
  std::uint64_t product = 1;
  std::size_t end = 0;
  for (std::size_t i = 0; i < layout.groups_; ++i) {
    const std::uint64_t at = directory.varint_up_to(layout.length_);
    const std::uint64_t digits = directory.varint_up_to(kMaxGroupDigits);
    const std::uint64_t radix = directory.varint();
    if (!directory.ok() || at < end || digits == 0 || at + digits > layout.length_ || radix < 2 ||
        radix > power_of_ten(static_cast<unsigned>(digits)) || __builtin_mul_overflow(product, radix, &product)) {
      return std::nullopt;
    }
    end = at + digits;
    layout.group_[i] = {static_cast<std::uint8_t>(at), static_cast<std::uint8_t>(digits), radix};
  }
  return directory.ok() && layout.groups_ != 0 ? std::optional(layout) : std::nullopt;
}

std::uint64_t ClockLayout::parse(std::string_view value) const {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < groups_; ++i) {
    number = number * group_[i].radix + digits_at(value, group_[i].at, group_[i].digits);
  }
  return number;
}

bool ClockLayout::render(std::uint64_t number, char* to) const {
  std::memcpy(to, pattern_.data(), kMaxLayoutBytes);
  for (std::size_t i = groups_; i-- > 1;) {
    const Group& group = group_[i];
    print_digits(number % group.radix, group.digits, to + group.at);
    number /= group.radix;
  }
  print_digits(number, group_[0].digits, to + group_[0].at);
  return number < group_[0].radix;
}

bool ClockLayout::print(const std::uint64_t* numbers, std::size_t count, char* to) const {
  // Most numbers differ from the one before in the last group alone: that is printed over a copy.
  const Group& last = group_[groups_ - 1U];
  std::array<char, kMaxLayoutBytes> text{};
  std::uint64_t base = 0;
  std::uint64_t room = 0;
  for (std::size_t i = 0; i < count; ++i, to += length_) {
    const std::uint64_t rest = numbers[i] - base;
    if (rest < room) {
      print_digits(rest, last.digits, text.data() + last.at);
    } else {
      if (!render(numbers[i], text.data())) {
        return false;
      }
      room = last.radix;
      base = numbers[i] - numbers[i] % room;
    }
    std::memcpy(to, text.data(), 32);
    if (length_ > 32) {
      std::memcpy(to + 32, text.data() + 32, 32);
    }
  }
  return true;
}

}  // namespace towl::detail::v2
