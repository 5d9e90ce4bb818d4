// Encodes a run of texts as templates and columns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "v2/column_writer.hpp"
#include "v2/sections.hpp"
#include "v2/shapes.hpp"
#include "v2/templates.hpp"

namespace towl::detail::v2 {

/// Reusable. One thread at a time.
class TextEncoder {
 public:
  void clear();
  /// Adds a text with its slots. What is nested in it goes to `nested`.
  void add(std::string_view text, const std::vector<TextSlot>& slots, TextEncoder* nested);
  /// Adds a text as it is, without a template.
  void add_plain(std::string_view text);
  bool empty() const { return texts_.empty(); }
  /// Writes all texts; the description goes to `directory`. `times` are the texts' times; they may be empty.
  void write(const EntryTimes& times, SectionWriter& sections, ColumnWriter& columns, std::string& directory);

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Text {
    std::string_view text;
    std::uint32_t template_id = 0;
    std::uint32_t first_value = 0;
  };
  /// A value's place in its text: half of a view, and there are many.
  struct Value {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  /// All values of a slot or of a column are alike, or not.
  struct Sameness {
    std::string_view first;
    bool seen = false;
    bool varies = false;

    void add(std::string_view value) {
      varies = varies || (seen && value != first);
      first = seen ? first : value;
      seen = true;
    }
  };
  /// A slot of a shape.
  struct Place {
    std::uint32_t column = kNone;
    bool folded = false;  ///< Its value has become a part of the template.
    Sameness values;
  };

  void settle_shapes();
  void settle_columns();
  void fold_constants();
  void count_columns();
  void write_templates(SectionWriter& sections, std::string& directory);
  void write_shape(std::uint32_t shape, std::string& codes);
  void write_ids(SectionWriter& sections, std::string& directory);
  void scatter();
  std::string_view value_of(const Text& text, const Source& source) const;
  template <class Take>
  void each_value(Take take);

  TemplateTable table_;
  ShapeTable shapes_;
  std::vector<Text> texts_;
  std::vector<Value> values_;

  std::vector<std::uint32_t> order_;        ///< Shapes that are written, in their order.
  std::vector<std::uint32_t> id_;           ///< The number that each shape gets.
  std::vector<std::uint32_t> first_place_;  ///< Of each shape's slots.
  std::vector<Place> places_;
  std::vector<Sameness> columns_;
  std::vector<std::uint32_t> column_uses_;
  std::vector<std::uint32_t> column_id_;  ///< The number that each column gets.
  std::uint32_t few_id_ = kNone;          ///< The number of the column for the values of all short ones.
  std::uint32_t written_columns_ = 0;
  bool has_residual_ = false;
  std::vector<std::uint32_t> column_ends_;
  std::vector<std::string_view> by_column_;
  std::vector<std::uint32_t> text_of_;  ///< Which text each of by_column_ is of.
  std::vector<std::uint32_t> ids_;
  std::string bytes_;
  std::vector<TextSlot> slots_;
  PlacePlan place_plan_;
};

}  // namespace towl::detail::v2
