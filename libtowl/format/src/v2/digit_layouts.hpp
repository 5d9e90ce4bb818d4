// Values whose digits are in the same places: clock times, dates, addresses, padded counters, UUIDs.
//
// A ClockLayout reads the groups of decimal digits as one number in mixed radix, so that passing time is a small
// difference, also across a full minute or hour. A HexLayout packs two hexadecimal digits to a byte.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "v2/sections.hpp"
#include "v2/varint.hpp"

namespace towl::detail::v2 {

struct ValueShape;

/// The part that is the same in all values has at most this length.
inline constexpr std::size_t kMaxLayoutBytes = 64;

class ClockLayout {
 public:
  /// The layout of all `values`, or nullopt if they have none in common.
  static std::optional<ClockLayout> of(std::span<const std::string_view> values);
  /// The same for values whose last group is a fraction of a second which is left out, with the dot before it, if
  /// its digits are all zeros. Other fractions are whole ("12:00:00.250", "12:00:01") or without trailing zeros
  /// ("12:00:00.25").
  static std::optional<ClockLayout> of_fractions(std::span<const std::string_view> values);
  /// nullopt if it is damaged. `fraction`: it is one of of_fractions().
  static std::optional<ClockLayout> read(ByteReader& directory, bool fraction = false);
  void write(std::string& directory) const;

  /// `value`, which has this layout, as a number.
  std::uint64_t parse(std::string_view value) const;
  /// Prints numbers to `target`, one after the other. False if one is too large or there is no room.
  bool print(std::span<const std::uint64_t> numbers, PrintTarget& target, Ref* refs) const;
  /// Says what printed values are like.
  void describe(ValueShape& shape) const;

 private:
  /// How the last group is written.
  enum class Fraction : std::uint8_t {
    trimmed = 0,  ///< Without zeros at its end.
    whole = 1,    ///< Whole, or not at all.
    none = 2,     ///< It is no fraction.
  };
  static std::optional<ClockLayout> of_fractions(std::span<const std::string_view> values, Fraction kind);
  static std::optional<std::string> with_fraction(std::string_view value, std::size_t at, std::size_t digits, char dot,
                                                  Fraction kind);

  /// A group of digits: as many as the pattern has, or, if natural, as many as are needed without leading zeros.
  struct Group {
    std::uint8_t at = 0;      ///< In the pattern.
    std::uint8_t digits = 0;  ///< 0: natural.
    std::uint64_t radix = 0;  ///< How many values it has.
  };
  static constexpr std::size_t kMaxGroups = 8;

  bool print_fixed(std::span<const std::uint64_t> numbers, PrintTarget& target, Ref* refs) const;
  bool print_fractions(std::span<const std::uint64_t> numbers, PrintTarget& target, Ref* refs) const;
  bool print_natural(std::span<const std::uint64_t> numbers, PrintTarget& target, Ref* refs) const;
  bool print_all(std::uint64_t number, char* to) const;
  std::optional<std::size_t> print_front(std::uint64_t number, char* to) const;
  bool is_natural() const;

  /// This many literal bytes are copied at once.
  static constexpr std::size_t kMostLiteral = 16;

  /// With any digits in groups that are not natural; and slack.
  std::array<char, kMaxLayoutBytes + kMostLiteral> pattern_{};
  std::uint8_t length_ = 0;
  std::uint8_t groups_ = 0;
  Fraction fraction_ = Fraction::none;
  std::array<Group, kMaxGroups> group_{};
};

class HexLayout {
 public:
  static std::optional<HexLayout> of(std::span<const std::string_view> values);
  static std::optional<HexLayout> read(ByteReader& directory);
  void write(std::string& directory) const;

  std::size_t row_bytes() const { return (digits_ + 1U) / 2; }
  void pack(std::string_view value, std::string& rows) const;
  /// Prints `count` rows to `target`. False if there is no room.
  bool print(const char* rows, std::size_t count, PrintTarget& target, Ref* refs) const;
  /// Says what printed values are like.
  void describe(ValueShape& shape) const;

 private:
  void print_rows(const char* rows, std::size_t count, char* to) const;

  std::array<char, kMaxLayoutBytes> pattern_{};  ///< NUL where there is a digit.
  std::uint8_t length_ = 0;
  std::uint8_t digits_ = 0;
};

}  // namespace towl::detail::v2
