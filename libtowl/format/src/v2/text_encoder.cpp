#include "v2/text_encoder.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace towl::detail::v2 {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
// A column's description takes more than so few values do.
constexpr std::uint32_t kFewUses = 4;

std::size_t slots_of(const Template& one) { return one.columns.size(); }

bool has_nested(const Template& one) { return one.text.find(kNestedMark) != std::string::npos; }

}  // namespace

void TextEncoder::clear() {
  table_.clear();
  texts_.clear();
  values_.clear();
}

void TextEncoder::add(std::string_view text, const std::vector<Slot>& slots, TextEncoder* nested) {
  const std::optional<std::uint32_t> id = table_.intern(text, slots);
  if (!id) {
    add_plain(text);
    return;
  }
  texts_.push_back({text, *id, static_cast<std::uint32_t>(values_.size())});
  for (const Slot& slot : slots) {
    if (!slot.nested) {
      values_.push_back(slot.in(text));
    } else {
      nested->slots_.clear();
      split_text(slot.in(text), nested->slots_);
      nested->add(slot.in(text), nested->slots_, nullptr);
    }
  }
}

void TextEncoder::add_plain(std::string_view text) { texts_.push_back({text, kNone, 0}); }

void TextEncoder::write(SectionWriter& sections, ColumnWriter& columns, std::string& directory) {
  settle_templates();
  settle_columns();
  write_templates(sections, directory);
  write_ids(sections, directory);
  scatter();
  std::uint32_t begin = 0;
  for (const std::uint32_t end : column_ends_) {
    columns.write(std::span(by_column_).subspan(begin, end - begin), directory);
    begin = end;
  }
}

// A template that is used once is no template: its text is kept as it is, as the value of the template "one slot".
void TextEncoder::settle_templates() {
  const std::vector<Template>& templates = table_.templates();
  order_.clear();
  id_.assign(templates.size(), kNone);
  for (std::uint32_t i = 0; i < templates.size(); ++i) {
    if (templates[i].uses > 1 || has_nested(templates[i])) {
      order_.push_back(i);
    }
  }
  // What is used most gets numbers of one byte.
  if (order_.size() > 255) {
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return templates[a].uses > templates[b].uses; });
  }
  for (const std::uint32_t i : order_) {
    id_[i] = 0;
  }
  for (Text& text : texts_) {
    if (text.template_id != kNone && id_[text.template_id] == kNone) {
      text.template_id = kNone;
    }
  }
  has_residual_ = std::any_of(texts_.begin(), texts_.end(), [](const Text& t) { return t.template_id == kNone; });
  std::uint32_t next = has_residual_ ? 1 : 0;
  for (const std::uint32_t i : order_) {
    id_[i] = next++;
  }
}

void TextEncoder::settle_columns() {
  const std::vector<Template>& templates = table_.templates();
  column_uses_.assign(table_.columns(), 0);
  for (const std::uint32_t i : order_) {
    for (const std::uint32_t column : templates[i].columns) {
      column_uses_[column] += templates[i].uses;
    }
  }
  column_.assign(table_.columns(), kNone);
  written_columns_ = has_residual_ ? 1 : 0;
  few_column_ = kNone;
}

void TextEncoder::write_templates(SectionWriter& sections, std::string& directory) {
  const std::vector<Template>& templates = table_.templates();
  bytes_.clear();
  std::string codes;
  if (has_residual_) {
    bytes_.append({kSlotMark, kEndMark});
    put_varint(codes, 0);
  }
  for (const std::uint32_t i : order_) {
    bytes_.append(templates[i].text);
    for (const std::uint32_t column : templates[i].columns) {
      std::uint32_t& place = column_uses_[column] < kFewUses ? few_column_ : column_[column];
      put_varint(codes, place == kNone ? 0 : place + 1);
      if (place == kNone) {
        place = written_columns_++;
      }
      column_[column] = place;
    }
  }
  put_varint(directory, order_.size() + (has_residual_ ? 1 : 0));
  put_varint(directory, bytes_.size());
  put_varint(directory, sections.add(kWords, bytes_));
  directory.append(codes);
}

void TextEncoder::write_ids(SectionWriter& sections, std::string& directory) {
  if (order_.size() + (has_residual_ ? 1 : 0) == 1) {
    return;
  }
  numbers_.clear();
  for (const Text& text : texts_) {
    numbers_.push_back(text.template_id == kNone ? 0 : id_[text.template_id]);
  }
  plan_.make(numbers_, false);
  plan_.write(kIndexes, sections, directory);
}

template <class Take>
void TextEncoder::each_value(Take take) const {
  for (const Text& text : texts_) {
    if (text.template_id == kNone) {
      take(0U, text.text);
      continue;
    }
    const Template& used = table_.templates()[text.template_id];
    for (std::size_t i = 0; i < slots_of(used); ++i) {
      take(column_[used.columns[i]], values_[text.first_value + i]);
    }
  }
}

void TextEncoder::scatter() {
  std::vector<std::uint32_t>& ends = column_ends_;
  ends.assign(written_columns_ + 1U, 0);
  each_value([&](std::uint32_t column, std::string_view) { ++ends[column + 1]; });
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  by_column_.resize(ends.back());
  each_value([&](std::uint32_t column, std::string_view value) { by_column_[ends[column]++] = value; });
  ends.pop_back();
}

}  // namespace towl::detail::v2
