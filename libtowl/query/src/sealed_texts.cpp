#include "sealed_texts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "characters.hpp"

namespace towl::detail {
namespace {

using v2::TextPiece;
using Look = ColumnLooks::Look;

// A table, because most bytes of columns are looked at.
constexpr auto kMaySign = [] {
  std::array<bool, 256> table{};
  for (const char c : {'\\', '[', '{'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// Whether what follows `text` comes after a colon; `before`: whether `text` itself does.
bool ends_with_colon(std::string_view text, bool before) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text.empty() ? before : text.back() == ':';
}

// What is at an end of a text: no letter.
constexpr char kTextEnd = '\n';

// The first place from `from` on that may make a text read differently; npos for none. `after_colon`: what comes before
// `part` may end with a colon. A backslash at the end does not count.
std::size_t find_escape(std::string_view part, std::size_t from, bool after_colon,
                        const SealedTexts::Escapes& escapes) {
  for (std::size_t at = from; at < part.size(); ++at) {
    const char c = part[at];
    if (!kMaySign[static_cast<unsigned char>(c)]) continue;
    const bool is_escape = c == '\\'  ? at + 1 < part.size() && (!escapes.only_codes || part[at + 1] == 'u')
                           : c == '[' ? escapes.in_objects || ends_with_colon(part.substr(0, at), after_colon)
                                      : escapes.in_objects;
    if (is_escape) return at;
  }
  return std::string_view::npos;
}

}  // namespace

bool SealedTexts::is_bound(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && c != '_' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

SealedTexts::SealedTexts(v2::TextDecoder& texts, SealedTexts* nested, bool is_nested)
    : texts_(texts), looks_(texts), nested_(nested), end_(is_nested ? std::optional<char>() : std::optional(kTextEnd)) {
  for (std::size_t i = 0; i < texts_.columns(); ++i) shapes_.push_back(v2::shape_of(texts_.column(i)));
  for (std::size_t i = 0; i < texts_.templates(); ++i) {
    std::uint32_t count = 0;
    for (const TextPiece& piece : texts_.pieces(i)) count += piece.column == TextPiece::kNested ? 1 : 0;
    nested_of_.push_back(count);
  }
}

// All templates are stored together and searched in one go. No literal part has a mark in it.
void SealedTexts::find_in_templates(const LiteralBits& literal, Bounds bounds) {
  is_certain_.assign(texts_.templates(), 0);
  is_word_.assign(texts_.templates(), 0);
  const std::string_view all = texts_.template_bytes();
  std::size_t number = 0;
  for (std::size_t at = literal.find(all); at != std::string_view::npos; at = literal.find(all, at)) {
    const auto ends_before = [&](std::size_t one) {
      const TextPiece& last = texts_.pieces(one).back();
      return last.literal + last.literal_bytes < all.data() + at;
    };
    while (number < texts_.templates() && ends_before(number)) ++number;
    if (number == texts_.templates()) return;
    const auto pieces = texts_.pieces(number);
    const char* const hit = all.data() + at;
    const bool inside = std::any_of(pieces.begin(), pieces.end(), [&](const TextPiece& piece) {
      return hit >= piece.literal && hit + literal.size() <= piece.literal + piece.literal_bytes;
    });
    if (!inside) {
      ++at;
      continue;
    }
    is_certain_[number] = 1;
    for (std::size_t i = 0; i < pieces.size() && bounds == Bounds::word && is_word_[number] == 0; ++i) {
      const bool begins = i == 0;
      const bool ends = pieces[i].column == TextPiece::kEnd;
      const bool has = has_word(literal, pieces[i].text(), begins ? end_ : std::nullopt, ends ? end_ : std::nullopt);
      is_word_[number] = has ? 1 : 0;
    }
    at = static_cast<std::size_t>(pieces.back().literal + pieces.back().literal_bytes - all.data());
  }
}

// Whether the literal surely stands within bounds in this part of a text. `before`, `after`: what is next to it, if known.
bool SealedTexts::has_word(const LiteralBits& literal, std::string_view part, std::optional<char> before,
                           std::optional<char> after) const {
  for (std::size_t at = literal.find(part); at != std::string_view::npos; at = literal.find(part, at + 1)) {
    const std::size_t end = at + literal.size();
    const auto left = at > 0 ? std::optional(part[at - 1]) : before;
    const auto right = end < part.size() ? std::optional(part[end]) : after;
    if (left && right && is_bound(*left) && is_bound(*right)) return true;
  }
  return false;
}

// The same of a value in a text of the template.
bool SealedTexts::has_word(const LiteralBits& literal, std::size_t number, const Look& look,
                           std::uint32_t value) const {
  const auto pieces = texts_.pieces(number);
  const std::string_view left = pieces[look.piece].text();
  const TextPiece& next = pieces[look.piece + 1];
  std::optional<char> before;
  std::optional<char> after;
  if (!left.empty()) before = left.back();
  if (left.empty() && look.piece == 0) before = end_;
  if (next.literal_bytes > 0) after = next.text().front();
  if (next.literal_bytes == 0 && next.column == TextPiece::kEnd) after = end_;
  return has_word(literal, texts_.at(texts_.values(look.column)[value]), before, after);
}

bool SealedTexts::find_in_columns(const LiteralBits& literal) {
  const std::size_t size = literal.size();
  values_.assign(texts_.columns(), {});
  passages_.clear();
  for (std::size_t i = 0; i < texts_.columns(); ++i) {
    passages_.push_back(literal.passage(shapes_[i]));
    if (!passages_.back().within) continue;
    const auto find = [&](std::string_view bytes, std::size_t from) {
      const std::size_t at = literal.find(bytes, from);
      return std::pair(at, at + size);
    };
    if (!looks_.find(i, find, values_[i])) return false;
  }
  return true;
}

// Whether a text of the template may have the literal across a border, and between which pieces.
SealedTexts::Across SealedTexts::follow(const LiteralBits& literal, std::size_t number, Window& window) const {
  const auto pieces = texts_.pieces(number);
  LiteralBits::Bits bits = 0;
  std::uint32_t began = 0;
  bool any = false;
  bool any_nested = false;
  bool across_nested = false;
  const auto note = [&](bool ends, std::uint32_t at) {
    if (!ends) return;
    window.first = any ? std::min(window.first, began) : began;
    window.last = at;
    any = true;
    across_nested = across_nested || any_nested;
  };
  for (std::uint32_t i = 0; i < pieces.size(); ++i) {
    const TextPiece& piece = pieces[i];
    bool ends = false;
    bits = literal.carry(bits, piece.text(), ends);
    note(ends, i);
    if (bits == 0) {
      began = i;
      any_nested = false;
    }
    bits |= literal.begin_in(piece.text());
    ends = false;
    if (piece.has_column()) {
      bits = literal.carry(bits, shapes_[piece.column], ends);
      note(ends, i);
      if (bits == 0) {
        began = i;
        any_nested = false;
      }
      bits |= passages_[piece.column].begun;
    } else if (piece.column == TextPiece::kNested) {
      bits = literal.carry_anywhere(bits, ends);
      any_nested = true;
      note(ends, i);
      bits |= literal.begun_anywhere();
    }
  }
  if (!any) return Across::no;
  return across_nested || literal.is_cut() ? Across::unknown : Across::window;
}

void SealedTexts::add_nested(const TextRows& nested, TextRows& rows) const {
  if (!nested.may.any()) return;
  const auto numbers = texts_.numbers();
  std::size_t at = 0;
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    for (std::uint32_t i = nested_of_[numbers[row]]; i > 0; --i, ++at) {
      if (nested.may.has(at)) rows.may.add(row);
      if (nested.must.has(at)) rows.must.add(row);
    }
  }
}

bool SealedTexts::find(const LiteralBits& literal, Bounds bounds, TextRows& rows) {
  find_in_templates(literal, bounds);
  if (!find_in_columns(literal)) return false;
  if (nested_ != nullptr) {
    TextRows nested;
    nested.reset(nested_->rows());
    if (!nested_->find(literal, bounds, nested)) return false;
    add_nested(nested, rows);
  }
  is_looked_at_.assign(texts_.columns(), 0);
  bool looks = false;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (values_[i].empty()) continue;
    is_looked_at_[i] = 1;
    looks = true;
    if (bounds == Bounds::word && texts_.values(i).empty()) return false;
  }
  const std::size_t templates = texts_.templates();
  across_.assign(templates, Across::no);
  windows_.assign(templates, {});
  bool any_template = false;
  for (std::size_t i = 0; i < templates; ++i) {
    any_template = any_template || is_certain_[i] != 0;
    if (is_certain_[i] != 0 || texts_.uses(i) == 0) continue;
    across_[i] = follow(literal, i, windows_[i]);
    any_template = any_template || across_[i] == Across::unknown;
    if (across_[i] != Across::window) continue;
    looks = true;
    const auto pieces = texts_.pieces(i);
    for (std::uint32_t k = windows_[i].first; k <= windows_[i].last; ++k) {
      if (!pieces[k].has_column()) continue;
      is_looked_at_[pieces[k].column] = 1;
      if (texts_.values(pieces[k].column).empty()) return false;
    }
  }
  if (any_template) {
    const auto numbers = texts_.numbers();
    for (std::size_t row = 0; row < numbers.size(); ++row) {
      if (is_certain_[numbers[row]] != 0) {
        rows.may.add(row);
        if (bounds == Bounds::any || is_word_[numbers[row]] != 0) rows.must.add(row);
      } else if (across_[numbers[row]] == Across::unknown) {
        rows.may.add(row);
      }
    }
  }
  if (!looks) return true;
  return looks_.walk(is_looked_at_,
                     [&](std::size_t row, const std::vector<Look>& look, const std::vector<std::uint32_t>& values) {
                       const std::uint32_t number = texts_.numbers()[row];
                       if (bounds == Bounds::any ? is_certain_[number] != 0 : is_word_[number] != 0) return;
                       bool has = is_certain_[number] != 0;
                       bool is_word = bounds == Bounds::any;
                       for (std::size_t i = 0; i < look.size() && !(has && is_word); ++i) {
                         const Values& found = values_[look[i].column];
                         if (found.empty() || !has_bit(found, values[i])) continue;
                         has = true;
                         is_word = is_word || has_word(literal, number, look[i], values[i]);
                       }
                       if (!has && across_[number] == Across::window) {
                         const Window& window = windows_[number];
                         const auto pieces = texts_.pieces(number);
                         text_.clear();
                         std::size_t at = 0;
                         while (at < look.size() && look[at].piece < window.first) ++at;
                         for (std::uint32_t k = window.first; k <= window.last; ++k) {
                           text_ += pieces[k].text();
                           if (at == look.size() || look[at].piece != k) continue;
                           text_ += texts_.at(texts_.values(look[at].column)[values[at]]);
                           ++at;
                         }
                         has = literal.find(text_) != std::string_view::npos;
                       }
                       if (!has) return;
                       rows.may.add(row);
                       if (is_word) rows.must.add(row);
                     });
}

bool SealedTexts::find_escapes(const Escapes& escapes, const Around& around, RowSet& rows) {
  is_certain_.assign(texts_.templates(), 0);
  is_looked_at_.assign(texts_.columns(), 0);
  values_.assign(texts_.columns(), {});
  Around of_nested{false, false};
  // For each column: what may be next to its values.
  std::vector<Around> of_column(texts_.columns(), Around{false, false});
  for (std::size_t i = 0; i < texts_.templates(); ++i) {
    bool colon = around.after_colon;
    const auto pieces = texts_.pieces(i);
    for (std::size_t k = 0; k < pieces.size(); ++k) {
      std::string_view part = pieces[k].text();
      // The object's own bracket is not one of a nested object.
      if (k == 0 && escapes.in_objects && part.starts_with('{')) part.remove_prefix(1);
      const bool has = find_escape(part, 0, colon, escapes) != std::string_view::npos;
      // What comes after a backslash at the end is not known.
      if (has || (part.ends_with('\\') && k + 1 < pieces.size())) is_certain_[i] = 1;
      if (k + 1 == pieces.size()) break;
      colon = ends_with_colon(pieces[k].text(), colon);
      const std::string_view next = pieces[k + 1].text();
      const bool is_end = next.empty() && k + 2 == pieces.size();
      const bool before_u = is_end ? around.before_u : next.empty() || next.front() == 'u' || !escapes.only_codes;
      Around& beside = pieces[k].has_column() ? of_column[pieces[k].column] : of_nested;
      beside.after_colon = beside.after_colon || colon;
      beside.before_u = beside.before_u || before_u;
      // What a value ends with is not known.
      colon = true;
    }
  }
  bool looks = false;
  for (std::size_t i = 0; i < texts_.columns(); ++i) {
    const v2::ValueShape& shape = shapes_[i];
    const auto allows = [&](char c) {
      return shape.places.empty() ? shape.bytes[static_cast<unsigned char>(c)]
                                  : std::find(shape.places.begin(), shape.places.end(), c) != shape.places.end();
    };
    if (!allows('\\') && !allows('[') && !(escapes.in_objects && allows('{'))) continue;
    const auto find = [&](std::string_view bytes, std::size_t from) {
      const std::size_t at = find_escape(bytes, from, true, escapes);
      return std::pair(at, at + 1);
    };
    if (!looks_.find(i, find, values_[i])) return false;
    // At an end of a value, what is next to it decides.
    const auto begins = [](std::string_view value) {
      const std::size_t first = value.find_first_not_of(" \t\r\n");
      return first != std::string_view::npos && value[first] == '[';
    };
    if (of_column[i].after_colon && allows('[') && !looks_.find_values(i, begins, values_[i])) return false;
    const auto ends = [](std::string_view value) { return value.ends_with('\\'); };
    if (of_column[i].before_u && allows('\\') && !looks_.find_values(i, ends, values_[i])) return false;
    if (values_[i].empty()) continue;
    is_looked_at_[i] = 1;
    looks = true;
  }
  const auto numbers = texts_.numbers();
  if (std::find(is_certain_.begin(), is_certain_.end(), 1) != is_certain_.end()) {
    for (std::size_t row = 0; row < numbers.size(); ++row) {
      if (is_certain_[numbers[row]] != 0) rows.add(row);
    }
  }
  if (nested_ != nullptr) {
    TextRows nested;
    nested.reset(nested_->rows());
    if (!nested_->find_escapes(escapes, of_nested, nested.may)) return false;
    TextRows outer;
    outer.reset(numbers.size());
    add_nested(nested, outer);
    rows.put(outer.may);
  }
  if (!looks) return true;
  return looks_.walk(is_looked_at_,
                     [&](std::size_t row, const std::vector<Look>& look, const std::vector<std::uint32_t>& values) {
                       for (std::size_t i = 0; i < look.size(); ++i) {
                         const Values& found = values_[look[i].column];
                         if (!found.empty() && has_bit(found, values[i])) rows.add(row);
                       }
                     });
}

}  // namespace towl::detail
