#include "v2/value_shape.hpp"

#include <algorithm>

#include "v2/digits.hpp"

namespace towl::detail::v2 {
namespace {

void allow_digits(ValueShape& shape, bool hex) {
  for (const char c : kHexDigits.substr(0, hex ? 16 : 10)) shape.bytes.set(static_cast<unsigned char>(c));
}

// The most digits that numbers of this form have, if that is known without reading them.
std::uint64_t most_digits(const NumberForm& form, bool relative, bool hex) {
  if (relative || form.order != 0 || form.signed_codes || form.width == 8) return kMaxNumberBytes;
  const std::uint64_t code = (std::uint64_t{1} << (8 * form.width)) - 1;
  std::uint64_t largest = 0;
  if (__builtin_mul_overflow(code, form.divisor, &largest) || __builtin_add_overflow(largest, form.first, &largest)) {
    return kMaxNumberBytes;
  }
  if (!hex) return decimal_digits(largest);
  std::uint64_t digits = 1;
  for (; largest > 15; largest >>= 4) ++digits;
  return digits;
}

}  // namespace

ValueShape shape_of(const Column& column) {
  ValueShape shape;
  switch (column.kind) {
    case ColumnKind::dictionary:
      return shape_of(column.dictionary.front());
    case ColumnKind::text:
      shape.bytes.set();
      shape.most = column.strings.bytes.bytes;
      return shape;
    case ColumnKind::decimal:
    case ColumnKind::hex:
      allow_digits(shape, column.kind == ColumnKind::hex);
      shape.most = most_digits(column.numbers.form, column.base.has_value(), column.kind == ColumnKind::hex);
      return shape;
    case ColumnKind::clock:
    case ColumnKind::fraction:
      column.clock->describe(shape);
      return shape;
    case ColumnKind::hex_rows:
      column.hex->describe(shape);
      return shape;
  }
  shape.bytes.set();
  return shape;
}

void ClockLayout::describe(ValueShape& shape) const {
  const bool is_fixed = fraction_ == Fraction::none && !is_natural();
  if (is_fixed) {
    for (std::size_t i = 0; i < length_; ++i) shape.places.push_back(static_cast<unsigned char>(pattern_[i]));
    for (std::size_t i = 0; i < groups_; ++i) {
      std::fill_n(shape.places.begin() + group_[i].at, group_[i].digits, ValueShape::kDigit);
    }
    return;
  }
  allow_digits(shape, false);
  for (std::size_t i = 0; i < length_; ++i) shape.bytes.set(static_cast<unsigned char>(pattern_[i]));
  shape.most = length_ + groups_ * kMaxNumberBytes;
}

void HexLayout::describe(ValueShape& shape) const {
  for (std::size_t i = 0; i < length_; ++i) {
    shape.places.push_back(pattern_[i] == '\0' ? ValueShape::kHexDigit : static_cast<unsigned char>(pattern_[i]));
  }
}

}  // namespace towl::detail::v2
