// Writes one column: finds the form in which its values are smallest.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "v2/layout.hpp"
#include "v2/numbers.hpp"
#include "v2/sections.hpp"

namespace towl::detail::v2 {

/// The form of a column's values; the first byte of its description.
enum class ColumnKind : unsigned {
  dictionary = 0,  ///< Few different values: a list of them, and each one's place in it.
  text = 1,        ///< Any strings.
  decimal = 2,     ///< Decimal numbers without leading zeros.
  hex = 3,         ///< Lower-case hexadecimal numbers without leading zeros.
  clock = 4,       ///< A ClockLayout's numbers.
  hex_rows = 5,    ///< A HexLayout's rows.
};

/// Reusable. One thread at a time.
class ColumnWriter {
 public:
  explicit ColumnWriter(SectionWriter& sections) : sections_(sections) {}

  /// Writes the column's description to `directory` and its values to sections. `values` must not be empty.
  void write(std::span<const std::string_view> values, std::string& directory);
  /// The same without looking for a form: plain text.
  void write_text(std::span<const std::string_view> values, std::string& directory);

 private:
  void count_distinct(std::span<const std::string_view> values);
  double dictionary_bytes() const;
  double text_bytes(std::size_t values, std::size_t bytes) const;
  bool write_numbers(std::span<const std::string_view> values, double limit, std::string& directory);
  bool write_clock(std::span<const std::string_view> values, double limit, std::string& directory);
  bool write_hex_rows(std::span<const std::string_view> values, double limit, std::string& directory);
  void write_dictionary(std::string& directory);
  void write_strings(std::span<const std::string_view> values, std::string& directory);

  SectionWriter& sections_;
  NumberPlan plan_;
  std::vector<std::uint64_t> numbers_;
  std::vector<std::uint64_t> places_;
  std::vector<std::string_view> distinct_;
  std::vector<std::uint32_t> uses_;
  std::vector<std::uint32_t> table_;
  std::string bytes_;
};

}  // namespace towl::detail::v2
