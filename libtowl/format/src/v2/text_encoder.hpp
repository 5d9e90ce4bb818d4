// Encodes a run of texts as templates and columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "v2/column_writer.hpp"
#include "v2/sections.hpp"
#include "v2/templates.hpp"

namespace towl::detail::v2 {

/// Reusable. One thread at a time.
class TextEncoder {
 public:
  void clear();
  /// Adds a text with its slots. What is nested in it goes to `nested`.
  void add(std::string_view text, const std::vector<Slot>& slots, TextEncoder* nested);
  /// Adds a text as it is.
  void add_plain(std::string_view text);
  bool empty() const { return texts_.empty(); }
  /// Writes all texts; the description goes to `directory`.
  void write(SectionWriter& sections, ColumnWriter& columns, std::string& directory);

 private:
  struct Text {
    std::string_view text;
    std::uint32_t template_id = 0;
    std::uint32_t first_value = 0;
  };
  void settle_templates();
  void settle_columns();
  void write_templates(SectionWriter& sections, std::string& directory);
  void write_ids(SectionWriter& sections, std::string& directory);
  void scatter();
  template <class Take>
  void each_value(Take take) const;

  TemplateTable table_;
  std::vector<Text> texts_;
  std::vector<std::string_view> values_;

  std::vector<std::uint32_t> order_;        ///< Templates that are written, in their order.
  std::vector<std::uint32_t> id_;           ///< What number each template gets.
  std::vector<std::uint32_t> column_;       ///< What column each of the table's becomes.
  std::vector<std::uint32_t> column_uses_;  ///< Values of each of the table's columns.
  std::vector<std::uint32_t> column_ends_;
  std::vector<std::string_view> by_column_;
  std::uint32_t written_columns_ = 0;
  std::uint32_t few_column_ = 0;
  bool has_residual_ = false;
  std::vector<std::uint64_t> numbers_;
  std::string bytes_;
  std::vector<Slot> slots_;
  NumberPlan plan_;
};

}  // namespace towl::detail::v2
