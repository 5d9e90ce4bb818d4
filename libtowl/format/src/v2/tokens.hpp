// Finds the variable parts of a text. What it finds decides how small a frame becomes, never whether it is right:
// any choice of slots gives the text back.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "towl/entry.hpp"

namespace towl::detail::v2 {

/// A variable part of a text, never empty.
struct TextSlot {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  /// Slots with the same key share a column; 0: those after the same beginning of a template do.
  std::uint64_t key = 0;
  /// The slot's text has a template of its own.
  bool nested = false;

  std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

/// Which of a text's quoted fields, counted from its front, nearly always differ: then the words of the field are
/// values, not the field itself. The last one stands for those after it.
struct QuotedFields {
  std::array<bool, 8> vary{};
};

/// Looks at some of `entries`.
QuotedFields find_quoted(std::span<const EntryView> entries);

/// What varies in free text: quoted fields, words that have digits, clock times and addresses as a whole, and dashes
/// that stand for a missing value.
void split_text(std::string_view text, std::vector<TextSlot>& slots, const QuotedFields& quoted = {});

/// The values of a JSON object that fills `text`; its message is nested. False if the text is not one.
bool split_json(std::string_view text, std::vector<TextSlot>& slots);

}  // namespace towl::detail::v2
