#include "v2/text_encoder.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace towl::detail::v2 {
namespace {

// The description of a column takes more bytes than so few values.
constexpr std::uint32_t kFewUses = 4;
// What so many texts have in common is no accident.
constexpr std::uint32_t kManyUses = 16;

bool has_nested(const Shape& shape) { return shape.text.find(kNestedMark) != std::string::npos; }

}  // namespace

void TextEncoder::clear() {
  table_.clear();
  texts_.clear();
  values_.clear();
}

void TextEncoder::add(std::string_view text, const std::vector<TextSlot>& slots, TextEncoder* nested) {
  const std::optional<std::uint32_t> id = table_.intern(text, slots);
  if (!id) {
    add_plain(text);
    return;
  }
  texts_.push_back({text, *id, static_cast<std::uint32_t>(values_.size())});
  for (const TextSlot& slot : slots) {
    if (!slot.nested) {
      values_.push_back({slot.begin, slot.end});
    } else {
      // Slots of nested texts are not nested: split_text() makes none.
      nested->slots_.clear();  // NOLINT(clang-analyzer-core.CallAndMessage)
      split_text(slot.in(text), nested->slots_);
      nested->add(slot.in(text), nested->slots_, nullptr);
    }
  }
}

void TextEncoder::add_plain(std::string_view text) { texts_.push_back({text, kNone, 0}); }

void TextEncoder::write(const EntryTimes& times, SectionWriter& sections, ColumnWriter& columns,
                        std::string& directory) {
  shapes_.build(table_.templates());
  settle_shapes();
  settle_columns();
  fold_constants();
  count_columns();
  write_templates(sections, directory);
  write_ids(sections, directory);
  scatter();
  columns.start();
  std::uint32_t begin = 0;
  for (const std::uint32_t end : column_ends_) {
    const ValueTimes value_times{times, std::span(text_of_).subspan(begin, end - begin)};
    columns.write(std::span(by_column_).subspan(begin, end - begin), value_times, directory);
    begin = end;
  }
}

// A shape that is used once is no template: its text is kept as it is, as the value of the template "one slot".
void TextEncoder::settle_shapes() {
  const std::vector<Shape>& shapes = shapes_.shapes();
  order_.clear();
  id_.assign(shapes.size(), kNone);
  for (std::uint32_t i = 0; i < shapes.size(); ++i) {
    if (shapes[i].uses > 1 || has_nested(shapes[i])) {
      order_.push_back(i);
      id_[i] = 0;
    }
  }
  // The most used ones get numbers of one byte.
  if (order_.size() > 255) {
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return shapes[a].uses > shapes[b].uses; });
  }
  has_residual_ = false;
  for (Text& text : texts_) {
    if (text.template_id != kNone && id_[shapes_.shape_of(text.template_id)] == kNone) {
      text.template_id = kNone;
    }
    has_residual_ = has_residual_ || text.template_id == kNone;
  }
  std::uint32_t next = has_residual_ ? 1 : 0;
  for (const std::uint32_t i : order_) {
    id_[i] = next++;
  }
}

void TextEncoder::settle_columns() {
  const std::vector<Shape>& shapes = shapes_.shapes();
  std::unordered_map<std::uint64_t, std::uint32_t> by_key;
  places_.clear();
  first_place_.assign(shapes.size(), 0);
  for (const std::uint32_t i : order_) {
    first_place_[i] = static_cast<std::uint32_t>(places_.size());
    for (const std::uint64_t key : shapes[i].keys) {
      places_.push_back({by_key.try_emplace(key, static_cast<std::uint32_t>(by_key.size())).first->second, false, {}});
    }
  }
  columns_.assign(by_key.size(), {});
}

std::string_view TextEncoder::value_of(const Text& text, const Source& source) const {
  if (source.slot == Source::kWord) return source.word;
  const Value value = values_[text.first_value + source.slot];
  return text.text.substr(value.begin, value.end - value.begin);
}

// Calls `take` with the place (none for texts without template), the value and the text of each slot, in their order.
template <class Take>
void TextEncoder::each_value(Take take) {
  for (std::uint32_t i = 0; i < texts_.size(); ++i) {
    const Text& text = texts_[i];
    if (text.template_id == kNone) {
      take(nullptr, text.text, i);
      continue;
    }
    Place* place = places_.data() + first_place_[shapes_.shape_of(text.template_id)];
    for (const Source& source : shapes_.sources(text.template_id)) {
      if (!place->folded) {
        take(place, value_of(text, source), i);
      }
      ++place;
    }
  }
}

// A value that never changes belongs to the template: it costs a reader nothing.
void TextEncoder::fold_constants() {
  each_value([&](Place* place, std::string_view value, std::uint32_t) {
    if (place != nullptr) {
      place->values.add(value);
    }
  });
  for (const Place& place : places_) {
    Sameness& column = columns_[place.column];
    column.add(place.values.first);
    column.varies = column.varies || place.values.varies;
  }
  for (const std::uint32_t i : order_) {
    const Shape& shape = shapes_.shapes()[i];
    for (std::size_t k = 0; k < shape.keys.size(); ++k) {
      Place& place = places_[first_place_[i] + k];
      place.folded = !place.values.varies && (shape.uses >= kManyUses || !columns_[place.column].varies) &&
                     !has_marks(place.values.first);
    }
  }
}

void TextEncoder::count_columns() {
  column_uses_.assign(columns_.size(), 0);
  for (const std::uint32_t i : order_) {
    const Shape& shape = shapes_.shapes()[i];
    for (std::size_t k = 0; k < shape.keys.size(); ++k) {
      const Place& place = places_[first_place_[i] + k];
      column_uses_[place.column] += place.folded ? 0 : shape.uses;
    }
  }
  column_id_.assign(columns_.size(), kNone);
  few_id_ = kNone;
  written_columns_ = has_residual_ ? 1 : 0;
}

void TextEncoder::write_templates(SectionWriter& sections, std::string& directory) {
  bytes_.clear();
  std::string codes;
  if (has_residual_) {
    bytes_.append({kSlotMark, kEndMark});
    put_varint(codes, 0);
  }
  for (const std::uint32_t shape : order_) {
    write_shape(shape, codes);
  }
  put_varint(directory, order_.size() + (has_residual_ ? 1 : 0));
  put_varint(directory, bytes_.size());
  put_varint(directory, sections.add(kWords, bytes_));
  directory.append(codes);
}

void TextEncoder::write_shape(std::uint32_t shape, std::string& codes) {
  const Place* place = places_.data() + first_place_[shape];
  for (const char c : shapes_.shapes()[shape].text) {
    if (c != kSlotMark) {
      bytes_.push_back(c);
      continue;
    }
    if (place->folded) {
      bytes_.append(place->values.first);
    } else {
      bytes_.push_back(kSlotMark);
      std::uint32_t& id = column_uses_[place->column] < kFewUses ? few_id_ : column_id_[place->column];
      put_varint(codes, id == kNone ? 0 : id + 1);
      if (id == kNone) {
        id = written_columns_++;
      }
      column_id_[place->column] = id;
    }
    ++place;
  }
}

void TextEncoder::write_ids(SectionWriter& sections, std::string& directory) {
  if (order_.size() + (has_residual_ ? 1 : 0) == 1) {
    return;
  }
  ids_.clear();
  for (const Text& text : texts_) {
    ids_.push_back(text.template_id == kNone ? 0 : id_[shapes_.shape_of(text.template_id)]);
  }
  const auto templates = static_cast<std::uint32_t>(order_.size() + (has_residual_ ? 1 : 0));
  place_plan_.make(ids_, templates, {}, sections);
  place_plan_.write(ids_, sections, directory);
}

void TextEncoder::scatter() {
  std::vector<std::uint32_t>& ends = column_ends_;
  const auto id_of = [&](const Place* place) { return place == nullptr ? 0 : column_id_[place->column]; };
  ends.assign(written_columns_ + 1U, 0);
  each_value([&](const Place* place, std::string_view, std::uint32_t) { ++ends[id_of(place) + 1]; });
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  by_column_.resize(ends.back());
  text_of_.resize(ends.back());
  each_value([&](const Place* place, std::string_view value, std::uint32_t text) {
    const std::uint32_t at = ends[id_of(place)]++;
    by_column_[at] = value;
    text_of_[at] = text;
  });
  ends.pop_back();
}

}  // namespace towl::detail::v2
