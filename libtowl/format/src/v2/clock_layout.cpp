#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "characters.hpp"
#include "v2/digit_layouts.hpp"
#include "v2/digits.hpp"

namespace towl::detail::v2 {
namespace {

constexpr unsigned kMaxGroupDigits = 18;

constexpr std::uint64_t power_of_ten(unsigned digits) {
  std::uint64_t power = 1;
  for (; digits != 0; --digits) {
    power *= 10;
  }
  return power;
}

// Where a value continues after the group of digits at `at`.
std::size_t digits_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) {
    ++at;
  }
  return at;
}

std::uint64_t digits_value(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    value = value * 10 + (static_cast<unsigned char>(c) - unsigned{'0'});
  }
  return value;
}

// What a group of digits is like in all values.
struct GroupTraits {
  std::size_t least_digits = ~std::size_t{0};
  std::size_t most_digits = 0;
  bool leading_zero = false;
  bool varies = false;
  std::uint64_t largest = 0;

  void add(std::string_view digits, std::string_view model) {
    least_digits = std::min(least_digits, digits.size());
    most_digits = std::max(most_digits, digits.size());
    leading_zero = leading_zero || (digits.size() > 1 && digits.front() == '0');
    varies = varies || digits != model;
    largest = std::max(largest, digits.size() > kMaxGroupDigits ? 0 : digits_value(digits));
  }
};

// Seconds and minutes are next to a colon, hours before one, days and months have two digits, parts of addresses
// come after a dot.
std::uint64_t radix_of(const GroupTraits& group, bool first, char before, char behind) {
  const std::uint64_t all = power_of_ten(static_cast<unsigned>(group.most_digits));
  const bool clock = behind == ':' || before == ':';
  const bool address = before == '.' && group.least_digits != group.most_digits;
  for (const auto& [radix, fits] : {std::pair<std::uint64_t, bool>{24, behind == ':' && before != ':'},
                                    {60, clock},
                                    {32, group.most_digits == 2},
                                    {256, address && group.most_digits == 3}}) {
    if (!first && fits && group.largest < radix && radix < all) {
      return radix;
    }
  }
  return all;
}

// Where the fraction of a second is in `value`, or npos: after "12:00:00" and a dot or a comma.
std::size_t fraction_at(std::string_view value) {
  for (std::size_t at = value.find(':'); at != std::string_view::npos; at = value.find(':', at + 1)) {
    const std::size_t end = digits_end(value, at + 1);
    if (end == at + 3 && end + 1 < value.size() && (value[end] == '.' || value[end] == ',') &&
        is_digit(value[end + 1])) {
      return end + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

// `value` with a fraction of so many digits at `at`, after `dot`; nullopt if it has one that is written differently.
std::optional<std::string> ClockLayout::with_fraction(std::string_view value, std::size_t at, std::size_t digits,
                                                      char dot, Fraction kind) {
  if (value.size() + 1 < at) return std::nullopt;
  std::string filled(value.substr(0, at - 1));
  filled += dot;
  std::string_view rest = value.substr(at - 1);
  const bool has_fraction = rest.size() > 1 && rest[0] == dot && is_digit(rest[1]);
  const std::size_t end = has_fraction ? digits_end(rest, 1) : 0;
  if (has_fraction) {
    const std::string_view fraction = rest.substr(1, end - 1);
    const bool is_whole = fraction.size() == digits && fraction.find_first_not_of('0') != std::string_view::npos;
    const bool is_trimmed = fraction.size() <= digits && fraction.back() != '0';
    if (kind == Fraction::whole ? !is_whole : !is_trimmed) return std::nullopt;
    filled += rest.substr(1, end - 1);
  }
  filled.append(digits - (has_fraction ? end - 1 : 0), '0');
  return filled += rest.substr(end);
}

std::optional<ClockLayout> ClockLayout::of_fractions(std::span<const std::string_view> values) {
  std::optional<ClockLayout> layout = of_fractions(values, Fraction::trimmed);
  return layout ? layout : of_fractions(values, Fraction::whole);
}

std::optional<ClockLayout> ClockLayout::of_fractions(std::span<const std::string_view> values, Fraction kind) {
  const std::string_view model =
      *std::max_element(values.begin(), values.end(), [](auto a, auto b) { return a.size() < b.size(); });
  const std::size_t at = fraction_at(model);
  if (at == std::string_view::npos || model.size() > kMaxLayoutBytes) return std::nullopt;
  const std::size_t digits = digits_end(model, at) - at;
  std::vector<std::string> filled;
  for (const std::string_view value : values) {
    std::optional<std::string> one = with_fraction(value, at, digits, model[at - 1], kind);
    if (!one || one->size() != model.size()) return std::nullopt;
    filled.push_back(std::move(*one));
  }
  std::optional<ClockLayout> layout = of(std::vector<std::string_view>(filled.begin(), filled.end()));
  if (!layout) return std::nullopt;
  const Group& last = layout->group_[layout->groups_ - 1U];
  if (last.at != at || last.digits != digits || layout->is_natural()) return std::nullopt;
  layout->fraction_ = kind;
  return layout;
}

bool ClockLayout::is_natural() const {
  return std::any_of(group_.begin(), group_.begin() + groups_, [](const Group& group) { return group.digits == 0; });
}

std::optional<ClockLayout> ClockLayout::of(std::span<const std::string_view> values) {
  ClockLayout layout;
  const std::string_view model = values.front();
  std::vector<std::uint32_t> at(values.size(), 0);
  std::uint64_t product = 1;
  for (std::size_t m = 0; m < model.size();) {
    if (!is_digit(model[m])) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (at[i] >= values[i].size() || values[i][at[i]++] != model[m]) {
          return std::nullopt;
        }
      }
      if (layout.length_ == kMaxLayoutBytes) {
        return std::nullopt;
      }
      layout.pattern_[layout.length_++] = model[m++];
      continue;
    }
    const std::size_t end = digits_end(model, m);
    const std::string_view group = model.substr(m, end - m);
    GroupTraits traits;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t stop = digits_end(values[i], at[i]);
      if (stop == at[i]) {
        return std::nullopt;
      }
      traits.add(values[i].substr(at[i], stop - at[i]), group);
      at[i] = static_cast<std::uint32_t>(stop);
    }
    if (traits.varies) {
      const bool natural = traits.least_digits != traits.most_digits;
      if (layout.groups_ == kMaxGroups || traits.most_digits > kMaxGroupDigits || (natural && traits.leading_zero)) {
        return std::nullopt;
      }
      const std::uint64_t radix =
          radix_of(traits, layout.groups_ == 0, m == 0 ? '\0' : model[m - 1], end == model.size() ? '\0' : model[end]);
      if (__builtin_mul_overflow(product, radix, &product)) {
        return std::nullopt;
      }
      layout.group_[layout.groups_++] = {layout.length_, static_cast<std::uint8_t>(natural ? 0 : group.size()), radix};
      if (natural) {
        m = end;
        continue;
      }
    }
    if (layout.length_ + group.size() > kMaxLayoutBytes) {
      return std::nullopt;
    }
    std::copy(group.begin(), group.end(), layout.pattern_.begin() + layout.length_);
    layout.length_ = static_cast<std::uint8_t>(layout.length_ + group.size());
    m = end;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (at[i] != values[i].size()) {
      return std::nullopt;
    }
  }
  return layout.groups_ == 0 ? std::nullopt : std::optional(layout);
}

void ClockLayout::write(std::string& directory) const {
  if (fraction_ != Fraction::none) put_varint(directory, static_cast<std::uint64_t>(fraction_));
  put_varint(directory, length_);
  directory.append(pattern_.data(), length_);
  put_varint(directory, groups_);
  for (std::size_t i = 0; i < groups_; ++i) {
    put_varint(directory, group_[i].at);
    put_varint(directory, group_[i].digits);
    put_varint(directory, group_[i].radix);
  }
}

std::optional<ClockLayout> ClockLayout::read(ByteReader& directory, bool fraction) {
  ClockLayout layout;
  if (fraction) layout.fraction_ = static_cast<Fraction>(directory.varint_up_to(1));
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
    const std::uint64_t most = power_of_ten(digits == 0 ? kMaxGroupDigits : static_cast<unsigned>(digits));
    if (!directory.ok() || at < end || at + digits > layout.length_ || radix < 2 || radix > most ||
        __builtin_mul_overflow(product, radix, &product)) {
      return std::nullopt;
    }
    end = at + digits;
    layout.group_[i] = {static_cast<std::uint8_t>(at), static_cast<std::uint8_t>(digits), radix};
  }
  if (!directory.ok() || layout.groups_ == 0) return std::nullopt;
  if (fraction && (layout.is_natural() || layout.group_[layout.groups_ - 1U].at == 0)) return std::nullopt;
  return layout;
}

std::uint64_t ClockLayout::parse(std::string_view value) const {
  std::string filled;
  if (fraction_ != Fraction::none) {
    const Group& last = group_[groups_ - 1U];
    filled = with_fraction(value, last.at, last.digits, pattern_[last.at - 1U], fraction_).value_or(std::string(value));
    value = filled;
  }
  std::uint64_t number = 0;
  std::size_t at = 0;
  std::size_t pattern_at = 0;
  for (std::size_t i = 0; i < groups_; ++i) {
    const Group& group = group_[i];
    at += group.at - pattern_at;
    const std::size_t end = group.digits == 0 ? digits_end(value, at) : at + group.digits;
    number = number * group.radix + digits_value(value.substr(at, end - at));
    at = end;
    pattern_at = group.at + std::size_t{group.digits};
  }
  return number;
}

bool ClockLayout::print(std::span<const std::uint64_t> numbers, PrintTarget& target, Ref* refs) const {
  if (fraction_ != Fraction::none) return print_fractions(numbers, target, refs);
  return is_natural() ? print_natural(numbers, target, refs) : print_fixed(numbers, target, refs);
}

bool ClockLayout::print_fractions(std::span<const std::uint64_t> numbers, PrintTarget& target, Ref* refs) const {
  const Group& last = group_[groups_ - 1U];
  const std::size_t end = last.at + std::size_t{last.digits};
  const std::size_t rest = length_ - end;
  auto model = pattern_;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (target.at >= target.end || !print_all(numbers[i], model.data())) return false;
    std::size_t kept = end;
    while (kept > last.at && model[kept - 1] == '0') --kept;
    if (kept == last.at) {
      --kept;
    } else if (fraction_ == Fraction::whole) {
      kept = end;
    }
    std::memcpy(target.at, model.data(), kMaxLayoutBytes);
    std::memcpy(target.at + kept, model.data() + end, rest);
    refs[i] = {target.offset_of(target.at), static_cast<std::uint32_t>(kept + rest)};
    target.at += kept + rest;
  }
  return target.at <= target.end;
}

bool ClockLayout::print_all(std::uint64_t number, char* to) const {
  for (std::size_t i = groups_; i-- > 1;) {
    const Group& group = group_[i];
    print_digits(number % group.radix, group.digits, to + group.at);
    number /= group.radix;
  }
  print_digits(number, group_[0].digits, to + group_[0].at);
  return number < group_[0].radix;
}

// Most numbers differ from the one before only in the last two groups: only those are printed into a copy of it.
bool ClockLayout::print_fixed(std::span<const std::uint64_t> numbers, PrintTarget& target, Ref* refs) const {
  if (numbers.size() * length_ > target.left()) {
    return false;
  }
  const Group& last = group_[groups_ - 1U];
  const Group& above = group_[groups_ > 1 ? groups_ - 2U : 0U];
  auto model = pattern_;
  std::uint64_t base = 0;  // Of the numbers that have the model's other groups.
  std::uint64_t room = 0;  // How many numbers those are.
  char* to = target.at;
  for (std::size_t i = 0; i < numbers.size(); ++i, to += length_) {
    std::uint64_t rest = numbers[i] - base;
    if (rest >= room) {
      if (!print_all(numbers[i], model.data())) {
        return false;
      }
      room = groups_ > 1 ? last.radix * above.radix : last.radix;
      base = numbers[i] - numbers[i] % room;
      rest = numbers[i] - base;
    }
    std::memcpy(to, model.data(), 32);
    if (length_ > 32) {
      std::memcpy(to + 32, model.data() + 32, 32);
    }
    if (groups_ > 1) {
      print_digits(rest / last.radix, above.digits, to + above.at);
      rest %= last.radix;
    }
    print_digits(rest, last.digits, to + last.at);
    refs[i] = {target.offset_of(to), length_};
  }
  target.at = to;
  return true;
}

// Prints everything before the last group. Returns the length, or nullopt for a number that is too large.
std::optional<std::size_t> ClockLayout::print_front(std::uint64_t number, char* to) const {
  std::array<std::uint64_t, kMaxGroups> values{};
  for (std::size_t i = groups_ - 1U; i > 0; --i) {
    number /= group_[i].radix;
    values[i - 1] = number % group_[i - 1].radix;
  }
  if (groups_ > 1 && number >= group_[0].radix) {
    return std::nullopt;
  }
  const char* const begin = to;
  std::size_t from = 0;
  for (std::size_t i = 0; i < groups_; ++i) {
    const Group& group = group_[i];
    // Usually a colon or a dot: a copy of fixed length is faster than a call.
    std::memcpy(to, pattern_.data() + from, kMostLiteral);
    if (group.at - from > kMostLiteral) {
      std::memcpy(to + kMostLiteral, pattern_.data() + from + kMostLiteral, group.at - from - kMostLiteral);
    }
    to += group.at - from;
    from = group.at + std::size_t{group.digits};
    if (i + 1U == groups_) {
      break;
    }
    if (group.digits == 0) {
      to += print_decimal(values[i], to);
    } else {
      print_digits(values[i], group.digits, to);
      to += group.digits;
    }
  }
  return static_cast<std::size_t>(to - begin);
}

bool ClockLayout::print_natural(std::span<const std::uint64_t> numbers, PrintTarget& target, Ref* refs) const {
  const Group& last = group_[groups_ - 1U];
  const std::size_t tail = last.at + std::size_t{last.digits};
  std::array<char, kMaxLayoutBytes + (kMaxGroups + 1) * kMaxNumberBytes> front{};
  std::size_t front_bytes = 0;
  std::uint64_t base = 0;
  std::uint64_t room = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (target.at >= target.end) {
      return false;
    }
    if (numbers[i] - base >= room) {
      const std::optional<std::size_t> printed = print_front(numbers[i], front.data());
      if (!printed || (groups_ == 1 && numbers[i] >= last.radix)) {
        return false;
      }
      front_bytes = *printed;
      room = last.radix;
      base = numbers[i] - numbers[i] % room;
    }
    char* to = target.at;
    std::memcpy(to, front.data(), 32);
    if (front_bytes > 32) {
      std::memcpy(to + 32, front.data() + 32, front_bytes - 32);
    }
    to += front_bytes;
    if (last.digits == 0) {
      to += print_decimal(numbers[i] - base, to);
    } else {
      print_digits(numbers[i] - base, last.digits, to);
      to += last.digits;
    }
    for (std::size_t k = tail; k < length_; ++k) {
      *to++ = pattern_[k];
    }
    refs[i] = {target.offset_of(target.at), static_cast<std::uint32_t>(to - target.at)};
    target.at = to;
  }
  return target.at <= target.end;
}

}  // namespace towl::detail::v2
