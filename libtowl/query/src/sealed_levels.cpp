#include "sealed_levels.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "towl/record/json_text.hpp"
#include "towl/record/names.hpp"
#include "v2/value_shape.hpp"

namespace towl::detail {
namespace {

using v2::ColumnKind;
using v2::TextPiece;
using Look = ColumnLooks::Look;
using Values = ColumnLooks::Values;

constexpr std::int8_t kPending = -3;
constexpr std::int8_t kUnread = -4;
/// At most this many values for a level are kept for a template; others are read each time.
constexpr std::size_t kMostKnown = 32;

// Must not be in a JSON string as it is, or has to be checked as UTF-8.
constexpr auto kUnsafe = [] {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    table[byte] = byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
  }
  return table;
}();

bool is_unsafe(char c) { return kUnsafe[static_cast<unsigned char>(c)]; }

std::size_t find_unsafe_byte(std::string_view bytes, std::size_t from) {
  while (from < bytes.size() && !is_unsafe(bytes[from])) ++from;
  return from < bytes.size() ? from : std::string_view::npos;
}

/// How a part of the inside of a JSON string ends.
enum class Ending : std::uint8_t { whole, backslash, wrong };

Ending ending_of(std::string_view part) {
  for (std::size_t i = find_unsafe_byte(part, 0); i != std::string_view::npos; i = find_unsafe_byte(part, i + 1)) {
    if (part[i] != '\\') return Ending::wrong;
    if (++i == part.size()) return Ending::backslash;
    if (std::string_view("\"\\/bfnrt").find(part[i]) == std::string_view::npos) return Ending::wrong;
  }
  return Ending::whole;
}

/// What a value in a JSON string must end with for what follows it: "…\" and a quote, as a request in an access log.
struct Next {
  bool is_quote = false;
  bool is_other = false;
};

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The name that `before` ends with: "…"name": ". nullopt if it ends with something else.
std::optional<std::string_view> name_before(std::string_view before) {
  before = without_blanks(before);
  if (!before.ends_with(':')) return std::nullopt;
  before = without_blanks(before.substr(0, before.size() - 1));
  if (!before.ends_with('"')) return std::nullopt;
  before.remove_suffix(1);
  const std::size_t quote = before.rfind('"');
  if (quote == std::string_view::npos) return std::nullopt;
  return before.substr(quote + 1);
}

std::uint64_t head_of(std::string_view value) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < std::min(value.size(), sizeof head); ++i) {
    head = head << 8 | static_cast<unsigned char>(value[i]);
  }
  return head;
}

bool allows_unsafe(const v2::ValueShape& shape) {
  if (!shape.places.empty()) {
    return std::any_of(shape.places.begin(), shape.places.end(),
                       [](std::uint16_t place) { return place < 256 && is_unsafe(static_cast<char>(place)); });
  }
  for (std::size_t byte = 0; byte < 256; ++byte) {
    if (shape.bytes[byte] && is_unsafe(static_cast<char>(static_cast<unsigned char>(byte)))) return true;
  }
  return false;
}

}  // namespace

SealedLevels::Form SealedLevels::form_of(std::span<const TextPiece> pieces) {
  Form form;
  bool in_string = false;
  bool has_slot = false;  // The string that it is in, or was in last.
  bool says_level = false;
  for (const TextPiece& piece : pieces) {
    form.nested += piece.column == TextPiece::kNested ? 1 : 0;
    const std::string_view text = piece.text();
    bool begins = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (is_unsafe(text[i]) && text[i] != '"') form.is_plain = false;
      if (text[i] != '"') continue;
      in_string = !in_string;
      if (in_string) {
        begins = true;
      } else {
        // A name that varies.
        const std::size_t after = text.find_first_not_of(" \t", i + 1);
        if (has_slot && (after == std::string_view::npos || text[after] == ':')) form.is_plain = false;
        has_slot = false;
      }
    }
    if (piece.column == TextPiece::kEnd) break;
    if (!in_string || begins) {
      const std::string_view before = in_string ? text.substr(0, text.rfind('"')) : text;
      const auto name = name_before(before);
      says_level = name && meaning_of(*name).meaning == Meaning::level;
    }
    has_slot = in_string;
    const bool is_nested = piece.column == TextPiece::kNested;
    if (is_nested && (!in_string || says_level)) form.is_plain = false;
    form.slots.push_back({in_string, says_level});
    form.says_level = form.says_level || says_level;
  }
  return form;
}

// Which values may make an entry invalid as JSON.
bool SealedLevels::find_unsafe(v2::TextDecoder& texts, ColumnLooks& looks, std::vector<Values>& unsafe) {
  struct Use {
    bool in_string = false;
    bool bare = false;
  };
  std::vector<Use> uses(texts.columns());
  for (std::size_t i = 0; i < texts.templates(); ++i) {
    if (!forms_[i].is_plain || texts.uses(i) == 0) continue;
    const auto pieces = texts.pieces(i);
    for (std::size_t k = 0; k < forms_[i].slots.size(); ++k) {
      if (!pieces[k].has_column()) continue;
      Use& use = uses[pieces[k].column];
      (forms_[i].slots[k].in_string ? use.in_string : use.bare) = true;
    }
  }
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const v2::Column& column = texts.column(i);
    const v2::Column& plain = column.kind == ColumnKind::dictionary ? column.dictionary.front() : column;
    const bool is_number = plain.kind == ColumnKind::decimal;
    if (uses[i].in_string && allows_unsafe(v2::shape_of(column))) {
      const auto find = [](std::string_view bytes, std::size_t from) {
        const std::size_t at = find_unsafe_byte(bytes, from);
        return std::pair(at, at + 1);
      };
      if (!looks.find(i, find, unsafe[i])) return false;
    }
    if (uses[i].bare && !is_number) {
      if (!looks.find_values(
              i, [](std::string_view value) { return !is_json_number(value); }, unsafe[i]))
        return false;
    }
  }
  return true;
}

// `is_unsafe_text` stays empty if no text is unsafe.
bool SealedLevels::find_unsafe_nested(v2::TextDecoder& nested, std::vector<char>& is_unsafe_text) {
  const auto numbers = nested.numbers();
  ColumnLooks looks(nested);
  std::vector<char> is_bad(nested.templates(), 0);
  std::vector<Next> next(nested.columns());
  for (std::size_t i = 0; i < nested.templates(); ++i) {
    const auto pieces = nested.pieces(i);
    for (std::size_t k = 0; k < pieces.size(); ++k) {
      std::string_view part = pieces[k].text();
      const bool is_quote = k > 0 && part.starts_with('"');
      if (k > 0) (is_quote ? next[pieces[k - 1].column].is_quote : next[pieces[k - 1].column].is_other) = true;
      if (is_quote) part.remove_prefix(1);
      if (ending_of(part) != Ending::whole) is_bad[i] = 1;
    }
  }
  std::vector<Values> unsafe(nested.columns());
  std::vector<char> is_looked_at(nested.columns(), 0);
  for (std::size_t i = 0; i < nested.columns(); ++i) {
    const bool can_be_unsafe = allows_unsafe(v2::shape_of(nested.column(i)));
    if (!can_be_unsafe && !next[i].is_quote) continue;
    const auto is_wrong = [&](std::string_view value) {
      const Ending ending = ending_of(value);
      return ending == Ending::wrong || next[i].is_quote == next[i].is_other ||
             (ending == Ending::backslash) != next[i].is_quote;
    };
    const auto find = [](std::string_view bytes, std::size_t from) {
      const std::size_t at = find_unsafe_byte(bytes, from);
      return std::pair(at, at + 1);
    };
    // Most columns have none at all.
    if (!next[i].is_quote && !looks.find(i, find, unsafe[i])) return false;
    if (next[i].is_quote || !unsafe[i].empty()) {
      unsafe[i].clear();
      if (!looks.find_values(i, is_wrong, unsafe[i])) return false;
    }
    is_looked_at[i] = unsafe[i].empty() ? 0 : 1;
  }
  const auto is_any = [](const std::vector<char>& marks) {
    return std::any_of(marks.begin(), marks.end(), [](char mark) { return mark != 0; });
  };
  if (!is_any(is_bad) && !is_any(is_looked_at)) return true;
  is_unsafe_text.resize(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) is_unsafe_text[i] = is_bad[numbers[i]];
  return looks.walk(is_looked_at,
                    [&](std::size_t text, const std::vector<Look>& look, const std::vector<std::uint32_t>& values) {
                      for (std::size_t i = 0; i < look.size(); ++i) {
                        if (has_bit(unsafe[look[i].column], values[i])) is_unsafe_text[text] = 1;
                      }
                    });
}

std::int8_t SealedLevels::level_of(v2::TextDecoder& texts, std::size_t number, const std::vector<Look>& look,
                                   const std::vector<std::uint32_t>& values) {
  Form& form = forms_[number];
  std::string_view value;
  std::size_t said = 0;
  for (std::size_t i = 0; i < look.size(); ++i) {
    if (!form.slots[look[i].piece].says_level) continue;
    ++said;
    value = texts.at(texts.values(look[i].column)[values[i]]);
  }
  if (said > 1) return read_level(texts, number, look, values);
  if (value.size() == 1) {
    if (form.of_byte.empty()) form.of_byte.assign(256, kUnread);
    std::int8_t& level = form.of_byte[static_cast<unsigned char>(value.front())];
    if (level == kUnread) level = read_level(texts, number, look, values);
    return level;
  }
  const std::uint64_t head = head_of(value);
  for (const KnownLevel& known : form.known) {
    const bool is_alike = known.head == head && known.value.size() == value.size();
    if (is_alike && (value.size() <= sizeof head || known.value == value)) return known.level;
  }
  const std::int8_t found = read_level(texts, number, look, values);
  if (form.known.size() < kMostKnown) form.known.push_back({head, std::string(value), found});
  return found;
}

// Puts the entry together with only the value that says its level.
std::int8_t SealedLevels::read_level(v2::TextDecoder& texts, std::size_t number, const std::vector<Look>& look,
                                     const std::vector<std::uint32_t>& values) {
  const Form& form = forms_[number];
  const auto pieces = texts.pieces(number);
  text_.clear();
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < pieces.size(); ++i) {
    text_ += pieces[i].text();
    if (i >= form.slots.size()) break;
    while (at < look.size() && look[at].piece < i) ++at;
    if (form.slots[i].says_level && at < look.size() && look[at].piece == i) {
      text_ += texts.at(texts.values(look[at].column)[values[at]]);
    } else if (!form.slots[i].in_string) {
      text_ += '0';
    }
  }
  record_.set({.sender = {}, .received = 0, .log_format = LogFormat::journal_json, .log_entry = text_});
  const auto level = record_.level();
  return level ? static_cast<std::int8_t>(*level) : kNone;
}

// The level of entries of each template, if no value is needed for it.
std::vector<std::int8_t> SealedLevels::levels_of_templates(v2::TextDecoder& texts) {
  const std::vector<Look> nothing;
  const std::vector<std::uint32_t> no_values;
  std::vector<std::int8_t> levels(forms_.size(), kUnknown);
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    if (!forms_[i].is_plain || texts.uses(i) == 0) continue;
    levels[i] = forms_[i].says_level ? kPending : level_of(texts, i, nothing, no_values);
  }
  return levels;
}

bool SealedLevels::find(v2::SealedFrame& frame, std::vector<std::int8_t>& levels) {
  v2::TextDecoder& texts = frame.texts();
  const auto format = frame.format();
  const auto entries = format ? std::span<const EntryView>() : frame.entries();
  const auto is_record = [&](std::size_t row) {
    return format ? *format == LogFormat::journal_json : entries[row].log_format == LogFormat::journal_json;
  };
  const auto numbers = texts.numbers();
  levels.assign(numbers.size(), kNone);
  if (format && *format != LogFormat::journal_json) return true;
  forms_.clear();
  for (std::size_t i = 0; i < texts.templates(); ++i) forms_.push_back(form_of(texts.pieces(i)));
  ColumnLooks looks(texts);
  std::vector<Values> unsafe(texts.columns());
  if (!find_unsafe(texts, looks, unsafe)) return false;
  std::vector<char> is_unsafe_nested;
  if (frame.nested() != nullptr && !find_unsafe_nested(*frame.nested(), is_unsafe_nested)) return false;

  std::vector<char> is_looked_at(texts.columns(), 0);
  for (std::size_t i = 0; i < texts.columns(); ++i) is_looked_at[i] = unsafe[i].empty() ? 0 : 1;
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    if (!forms_[i].is_plain) continue;
    const auto pieces = texts.pieces(i);
    for (std::size_t k = 0; k < forms_[i].slots.size(); ++k) {
      if (!forms_[i].slots[k].says_level || !pieces[k].has_column()) continue;
      is_looked_at[pieces[k].column] = 1;
      if (texts.values(pieces[k].column).empty()) return false;
    }
  }
  const std::vector<std::int8_t> of_templates = levels_of_templates(texts);
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    if (is_record(row)) levels[row] = of_templates[numbers[row]];
  }
  for (std::size_t row = 0, inner = 0; inner < is_unsafe_nested.size() && row < numbers.size(); ++row) {
    for (std::uint32_t left = forms_[numbers[row]].nested; left > 0; --left) {
      if (is_unsafe_nested[inner++] != 0 && is_record(row)) levels[row] = kUnknown;
    }
  }
  const bool walked = looks.walk(
      is_looked_at, [&](std::size_t row, const std::vector<Look>& look, const std::vector<std::uint32_t>& values) {
        if (levels[row] == kUnknown || !is_record(row)) return;
        for (std::size_t i = 0; i < look.size(); ++i) {
          const Values& found = unsafe[look[i].column];
          if (!found.empty() && has_bit(found, values[i])) {
            levels[row] = kUnknown;
            return;
          }
        }
        if (levels[row] == kPending) levels[row] = level_of(texts, numbers[row], look, values);
      });
  std::replace(levels.begin(), levels.end(), kPending, kUnknown);
  return walked;
}

}  // namespace towl::detail
