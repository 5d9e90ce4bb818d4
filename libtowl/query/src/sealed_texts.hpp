// SealedTexts finds literals in the texts of a sealed frame without putting them together.
//
// A literal is in a text if it is in a literal part of its template (then in all texts of that), in a value of a column, or
// across a border of these. Columns are ruled out by their shapes before they are unpacked, and templates by what their
// pieces can hold at most; CLP (OSDI 2021) describes the cases at borders.
// Sound and complete: a text that is in `may` and not in `must` has to be looked at.
// Ownership: borrows the decoder, for a frame. Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "column_looks.hpp"
#include "literal_bits.hpp"
#include "row_set.hpp"
#include "v2/text_decoder.hpp"
#include "v2/value_shape.hpp"

namespace towl::detail {

/// Which texts have what is looked for: those of `must` surely, and only those of `may`, which includes `must`.
struct TextRows {
  RowSet may = {};
  RowSet must = {};

  void reset(std::size_t rows) {
    may.reset(rows, false);
    must.reset(rows, false);
  }
};

class SealedTexts {
 public:
  /// `nested`: the texts that are nested in these; nullptr if there are none. `is_nested`: these are nested themselves:
  /// the bytes next to them are not known here.
  SealedTexts(v2::TextDecoder& texts, SealedTexts* nested, bool is_nested = false);

  /// Where a literal counts.
  enum class Bounds : std::uint8_t {
    any,  ///< Anywhere.
    word,  ///< With nothing but ASCII that is no letter, digit or `_`, or an end of the text, on both sides; else it may.
  };
  /// Whether a byte is surely not part of a word.
  static bool is_bound(char c);

  /// Adds the texts that have `literal`, which is not empty, to `rows`. False if something is damaged.
  bool find(const LiteralBits& literal, Bounds bounds, TextRows& rows);

  /// What may make a text, as JSON, read differently from how it is stored: may_read_otherwise() in test_filter.cpp.
  struct Escapes {
    bool in_objects = false;
    bool only_codes = false;
  };
  /// What may be next to the texts: a colon at the end of what is before them, a `u` at the beginning of what follows.
  struct Around {
    bool after_colon = true;
    bool before_u = true;
  };
  /// Adds at least the texts that have such escapes to `rows`. False if something is damaged.
  bool find_escapes(const Escapes& escapes, const Around& around, RowSet& rows);

  std::size_t rows() const { return texts_.numbers().size(); }

 private:
  using Values = ColumnLooks::Values;
  using Look = ColumnLooks::Look;

  /// The pieces of a template that a match may go across.
  struct Window {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  enum class Across : std::uint8_t { no, window, unknown };

  void find_in_templates(const LiteralBits& literal, Bounds bounds);
  bool has_word(const LiteralBits& literal, std::string_view part, std::optional<char> before,
                std::optional<char> after) const;
  bool has_word(const LiteralBits& literal, std::size_t number, const Look& look, std::uint32_t value) const;
  bool find_in_columns(const LiteralBits& literal);
  Across follow(const LiteralBits& literal, std::size_t number, Window& window) const;
  void add_nested(const TextRows& nested, TextRows& rows) const;

  v2::TextDecoder& texts_;
  ColumnLooks looks_;
  SealedTexts* nested_;
  std::optional<char> end_;  ///< The byte next to a text.
  std::vector<v2::ValueShape> shapes_;
  std::vector<std::uint32_t> nested_of_;  ///< How many nested texts each template has.
  // Of the literal that is looked for:
  std::vector<LiteralBits::Passage> passages_;
  std::vector<char> is_certain_;  ///< Of each template: its texts have the literal …
  std::vector<char> is_word_;     ///< … within bounds.
  std::vector<Across> across_;
  std::vector<Window> windows_;
  std::vector<Values> values_;
  std::vector<char> is_looked_at_;
  std::string text_;
};

}  // namespace towl::detail
