// Puts texts together from templates and columns. See text_encoder.hpp for the other direction.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "v2/column_reader.hpp"
#include "v2/sections.hpp"

namespace towl::detail::v2 {

/// Reusable. One thread at a time.
class TextDecoder {
 public:
  TextDecoder(SectionReader& sections, ColumnReader& columns) : sections_(sections), columns_(columns) {}

  /// Reads the description of `texts` texts, at least one. All columns' values are at most `values_left`, which is
  /// taken off. False if it is damaged.
  bool read_directory(ByteReader& directory, std::uint32_t texts, bool may_nest, std::uint64_t& values_left);
  /// How many texts are nested in these.
  std::uint64_t nested() const { return nested_; }
  /// Reads all values; adds the bytes of all texts, without nested ones, to `sum`. `times` are the texts' times, if
  /// they have any. False if a column is damaged.
  bool read_values(const EntryTimes& times, std::uint64_t& sum);

  /// Writes the next text at `to` and returns its end. Writes up to kSlack further. Only after read_values(), for as
  /// many texts as there are.
  char* next(char* to, TextDecoder* nested);
  /// Passes over the next text.
  void pass(TextDecoder* nested);

 private:
  struct Piece {
    const char* literal = nullptr;
    std::uint32_t literal_bytes = 0;
    std::uint32_t column = 0;  ///< What follows the literal.
  };
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
  const std::uint64_t* base_of(std::size_t column, const EntryTimes& times);

  SectionReader& sections_;
  ColumnReader& columns_;
  std::vector<Template> templates_;
  std::vector<Piece> pieces_;
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
  std::vector<Ref> refs_;
  std::vector<const Ref*> cursors_;
  std::uint32_t time_columns_ = 0;
  std::size_t next_text_ = 0;
  std::uint64_t nested_ = 0;
};

}  // namespace towl::detail::v2
