// Writes one column: finds the form in which its values are smallest.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "v2/digit_layouts.hpp"
#include "v2/numbers.hpp"
#include "v2/places.hpp"
#include "v2/sections.hpp"

namespace towl::detail::v2 {

/// The form of a column's values; the first byte of its description.
enum class ColumnKind : unsigned {
  dictionary = 0,  ///< Few different values: a column of them, and each one's place in it.
  text = 1,        ///< Any strings.
  decimal = 2,     ///< Decimal numbers without leading zeros.
  hex = 3,         ///< Lower-case hexadecimal numbers without leading zeros.
  clock = 4,       ///< A ClockLayout's numbers.
  hex_rows = 5,    ///< A HexLayout's rows.
  fraction = 6,    ///< A clock whose fraction of a second has no zeros at its end.
};

/// Set in the byte of the kind: a column of numbers holds differences to other numbers.
inline constexpr unsigned kRelativeFlag = 8;
/// The other numbers: a base below kTimeBase is the received time of the entry, divided by 1000 so many times; from
/// there on, its event time, in the same way; from kColumnBase on, a column of the same texts with as many values.
inline constexpr std::uint32_t kTimeBase = 4;
inline constexpr std::uint32_t kColumnBase = 8;
/// At most so many columns of the same texts are relative to times: each costs a reader a walk over all templates.
inline constexpr std::uint32_t kMaxTimeColumns = 64;

/// The times of all entries; empty if there are none.
struct EntryTimes {
  std::span<const std::uint64_t> received;
  std::span<const std::uint64_t> event;  ///< A writer leaves them empty if they are the received times.
};

/// The entries that a column's values belong to, and their times.
struct ValueTimes {
  EntryTimes all;
  std::span<const std::uint32_t> entries;  ///< The entry of each value.
};

/// Reusable. One thread at a time.
class ColumnWriter {
 public:
  explicit ColumnWriter(SectionWriter& sections) : sections_(sections) {}

  /// Begins with the columns of other texts.
  void start();

  /// Writes the column's description to `directory` and its values to sections. `values` must not be empty.
  void write(std::span<const std::string_view> values, const ValueTimes& times, std::string& directory);
  /// The same without looking for a form: plain text.
  void write_text(std::span<const std::string_view> values, std::string& directory);

 private:
  /// How values that are all of one form become numbers or rows.
  struct Form {
    ColumnKind kind = ColumnKind::text;
    std::optional<ClockLayout> clock = {};
    std::optional<HexLayout> hex = {};
    double bytes = 0;  ///< About so many when compressed.
  };

  void count_distinct(std::span<const std::string_view> values);
  double text_bytes(std::size_t values, std::size_t bytes) const;
  double list_bytes() const;
  bool find_forms();
  std::optional<Form> smaller_form(const NumberPlan& plan, std::size_t values, std::size_t bytes, double limit);
  std::optional<Form> plan_list();
  std::optional<Form> plan_values(std::size_t values, std::size_t bytes);
  std::optional<std::uint32_t> find_base(const ValueTimes& times);
  template <class NumberAt>
  bool try_base(NumberAt base_at);
  void write_form(const Form& form, std::span<const std::string_view> values, NumberPlan& plan,
                  std::optional<std::uint32_t> base, std::string& directory);
  void write_dictionary(const std::optional<Form>& list, std::string& directory);
  void write_strings(std::span<const std::string_view> values, std::string& directory);

  /// Numbers of a column that others may be relative to.
  struct Base {
    std::uint32_t column = 0;
    std::vector<std::uint64_t> numbers;
  };

  SectionWriter& sections_;
  std::optional<Form> number_form_;  ///< Of the different values, if they have one …
  std::optional<Form> rows_form_;    ///< … and another one.
  std::vector<std::uint64_t> list_numbers_;
  NumberPlan plan_;
  NumberPlan list_plan_;  ///< Of a dictionary's different values.
  PlacePlan place_plan_;
  std::vector<PlaceKeys> keys_;  ///< Of columns before this one.
  std::size_t next_keys_ = 0;
  NumberPlan relative_plan_;  ///< The best so far.
  NumberPlan tried_plan_;
  std::vector<Base> bases_;
  std::uint32_t next_column_ = 0;
  std::uint32_t time_columns_ = 0;
  std::vector<std::uint64_t> differences_;
  std::vector<std::uint64_t> numbers_;
  std::vector<std::uint32_t> places_;
  std::vector<std::string_view> distinct_;
  std::vector<std::uint32_t> uses_;
  std::vector<std::uint32_t> table_;
  std::string bytes_;
};

}  // namespace towl::detail::v2
