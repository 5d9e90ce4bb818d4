// Finds the variable parts of a text. What it finds decides how small a frame becomes, never whether it is right:
// any choice of slots gives the text back.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace towl::detail::v2 {

/// A variable part of a text, never empty.
struct TextSlot {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  /// Slots with the same key share a column; 0: those behind the same beginning of a template do.
  std::uint64_t key = 0;
  /// The slot's text has a template of its own.
  bool nested = false;

  std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

/// The words of `text` that have digits, clock times and addresses as a whole.
void split_text(std::string_view text, std::vector<TextSlot>& slots);

/// The values of a JSON object that fills `text`; its message is nested. False if the text is no such thing.
bool split_json(std::string_view text, std::vector<TextSlot>& slots);

}  // namespace towl::detail::v2
