// Reads columns: first their descriptions, then, if they are wanted, their values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "v2/column_writer.hpp"
#include "v2/digit_layouts.hpp"
#include "v2/numbers.hpp"
#include "v2/places.hpp"
#include "v2/sections.hpp"

namespace towl::detail::v2 {

/// A list of strings as a directory describes it.
struct StringRun {
  NumberRun lengths;
  Part bytes;
};

/// A column as a directory describes it.
struct Column {
  ColumnKind kind = ColumnKind::text;
  std::uint32_t count = 0;
  StringRun strings;
  std::vector<Column> dictionary;  ///< The single column with a dictionary's values.
  PlacesRun places;                ///< In the dictionary, if that has more than one value.
  NumberRun numbers;
  std::optional<std::uint32_t> base;  ///< What the numbers are relative to, see kColumnBase.
  std::optional<ClockLayout> clock;
  std::optional<HexLayout> hex;
  Part rows;
};

constexpr bool has_numbers(ColumnKind kind) {
  return kind == ColumnKind::decimal || kind == ColumnKind::hex || kind == ColumnKind::clock ||
         kind == ColumnKind::fraction;
}

constexpr bool has_places(const Column& column) {
  return column.kind == ColumnKind::dictionary && column.dictionary.front().count > 1;
}

/// Reads the description of a column of `count` values, at least one. nullopt if it is damaged.
std::optional<Column> read_column(ByteReader& directory, std::uint32_t count, SectionReader& sections);

/// Turns columns into places in the arena; what has to be printed is printed after the sections. Reusable.
class ColumnReader {
 public:
  explicit ColumnReader(SectionReader& sections) : sections_(sections) {}

  /// Begins with an empty scratch space that takes `bytes`.
  void start(std::uint64_t bytes) { target_ = sections_.scratch(bytes); }
  /// What a column may need from those before it.
  struct Needs {
    const std::uint64_t* base = nullptr;  ///< The numbers that a relative column is relative to.
    const std::uint64_t* keys = nullptr;  ///< The places of the column that has the keys of a dictionary's places …
    std::uint32_t key_distinct = 0;       ///< … which are all below this.
    std::span<const Ref> distinct = {};   ///< What read_distinct() gave, if it was called.
  };
  /// Writes the places of all values to `refs`, and adds their bytes to `sum`. False if the column is damaged.
  bool read(const Column& column, const Needs& needs, Ref* refs, std::uint64_t& sum);
  /// Writes the places of a dictionary's values to `refs`, one each. False if they are damaged. Once per column.
  bool read_distinct(const Column& column, std::vector<Ref>& refs);
  /// The numbers or places of the column that was read last, if it has some.
  const std::uint64_t* numbers() const { return numbers_.data(); }

 private:
  bool read_strings(const StringRun& run, std::uint32_t count, Ref* refs, std::uint64_t& sum);
  bool read_plain(const Column& column, const std::uint64_t* base, Ref* refs, std::uint64_t& sum);
  bool read_dictionary(const Column& column, const Needs& needs, Ref* refs, std::uint64_t& sum);
  bool read_printed(const Column& column, const std::uint64_t* base, Ref* refs, std::uint64_t& sum);
  bool read_laid_out(const Column& column, const std::uint64_t* base, Ref* refs, std::uint64_t& sum);
  const std::uint64_t* read_all(const NumberRun& run, std::uint32_t count, const std::uint64_t* base = nullptr);

  SectionReader& sections_;
  PrintTarget target_;
  std::vector<std::uint64_t> numbers_;
  std::vector<Ref> dictionary_;
  PlaceReader places_;
};

}  // namespace towl::detail::v2
