// Puts texts together from templates and columns. See text_encoder.hpp for the other direction.
//
// Columns are read as a whole, each when it is first needed: a caller that wants few texts, or only looks at some
// columns, does not pay for the others.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "v2/column_reader.hpp"
#include "v2/sections.hpp"

namespace towl::detail::v2 {

/// A piece of a template: literal bytes and what follows them.
struct TextPiece {
  static constexpr std::uint32_t kEnd = ~std::uint32_t{0};
  static constexpr std::uint32_t kNested = kEnd - 1;

  const char* literal = nullptr;
  std::uint32_t literal_bytes = 0;
  std::uint32_t column = 0;  ///< Whose next value follows; or the text's end, or a nested text.

  std::string_view text() const { return {literal, literal_bytes}; }
  bool has_column() const { return column < kNested; }
};

/// Provides the times of entries, which cost something to read.
class TimeSource {
 public:
  virtual ~TimeSource() = default;
  /// nullptr if they are damaged.
  virtual const EntryTimes* entry_times() = 0;
};

/// Reusable. One thread at a time.
class TextDecoder {
 public:
  TextDecoder(SectionReader& sections, ColumnReader& columns) : sections_(sections), columns_(columns) {}

  /// Reads the description of `texts` texts, at least one. All columns together have at most `values_left` values, and
  /// that is reduced by them. False if it is damaged.
  bool read_directory(ByteReader& directory, std::uint32_t texts, bool may_nest, std::uint64_t& values_left);
  /// How many texts are nested in these.
  std::uint64_t nested() const { return nested_; }
  /// Begins with the first text. `times` are the texts' times, if they have any; they must stay valid.
  void start(TimeSource* times);
  /// Reads all values; adds the bytes of all texts, without nested ones, to `sum`. False if a column is damaged.
  bool read_values(std::uint64_t& sum);

  /// Writes the next text at `to` and returns its end. May write kSlack bytes more. Only after read_values(), and at
  /// most once per text.
  char* next(char* to, TextDecoder* nested);
  /// The same if not all values were read: reads what it needs, and writes at most up to `end` plus kSlack. nullptr
  /// if a column is damaged or there is no room.
  char* next_checked(char* to, const char* end, TextDecoder* nested);
  /// Skips the next text.
  void pass(TextDecoder* nested);

  // What a search looks at, after start(), before the first text.

  std::size_t templates() const { return templates_.size(); }
  std::span<const TextPiece> pieces(std::size_t number) const {
    return std::span(pieces_).subspan(templates_[number].first, templates_[number].last - templates_[number].first);
  }
  /// All templates as they are stored, with their marks.
  std::string_view template_bytes() const { return template_bytes_; }
  /// How many texts have the template; which one each text has.
  std::uint32_t uses(std::size_t number) const { return uses_[number]; }
  std::span<const std::uint32_t> numbers() const { return ids_; }

  std::size_t columns() const { return column_.size(); }
  const Column& column(std::size_t number) const { return column_[number]; }
  /// Where the values of a column are in the arena; empty if it is damaged.
  std::span<const Ref> values(std::size_t number);
  /// Of a dictionary: the places of its different values, and which of them each value of the column is; empty if there
  /// is only one. Empty if it is damaged.
  std::span<const Ref> distinct(std::size_t number);
  std::span<const std::uint64_t> places(std::size_t number);
  /// A part as it is stored, unpacked; nullopt if that fails.
  std::optional<std::string_view> bytes(const Part& part);
  std::string_view at(const Ref& ref) const { return {sections_.arena() + ref.offset, ref.bytes}; }

 private:
  struct Template {
    std::uint32_t first = 0;  ///< Its pieces.
    std::uint32_t last = 0;
    std::uint64_t literal_bytes = 0;
    std::uint32_t nested = 0;
  };
  bool read_templates(ByteReader& directory, std::uint32_t texts, bool may_nest);
  bool read_slots(ByteReader& directory);
  bool read_ids(ByteReader& directory, std::uint32_t texts);
  bool count_values(std::uint64_t& values_left);
  bool note_needs(const Column& column);
  const std::uint64_t* base_of(std::size_t column);
  bool read_with_needs(std::size_t number);
  bool read_one(std::size_t number);
  void make_room();
  void catch_up();
  bool read_for(const Template& used);

  SectionReader& sections_;
  ColumnReader& columns_;
  std::vector<Template> templates_;
  std::vector<TextPiece> pieces_;
  std::string_view template_bytes_;
  std::vector<std::uint32_t> ids_;
  std::vector<std::uint64_t> numbers_;
  PlaceReader places_;
  std::vector<std::uint32_t> uses_;
  std::vector<std::uint64_t> column_values_;
  std::vector<Column> column_;
  std::vector<bool> is_needed_;  ///< Of each column: others need its numbers or places.
  std::vector<std::vector<std::uint64_t>> kept_numbers_;
  std::vector<std::uint64_t> base_;
  std::vector<std::uint32_t> column_uses_;
  TimeSource* times_ = nullptr;
  std::size_t values_ = 0;  ///< Of all columns.
  std::vector<Ref> refs_;
  std::vector<std::size_t> refs_at_;  ///< Where each column's are.
  std::vector<char> is_read_;         ///< Of each column.
  std::vector<char> is_wanted_;       ///< While columns that need one another are read.
  std::vector<std::vector<Ref>> distinct_;
  std::uint64_t value_bytes_ = 0;  ///< Of the columns that were read.
  std::vector<const Ref*> cursors_;
  std::vector<std::uint32_t> passed_;      ///< Texts of each template that cursors_ were not moved for yet …
  std::vector<std::uint32_t> passed_ids_;  ///< … and which templates these are.
  std::uint32_t time_columns_ = 0;
  std::size_t next_text_ = 0;
  std::uint64_t nested_ = 0;
};

}  // namespace towl::detail::v2
