#include "v2/text_decoder.hpp"

#include <algorithm>
#include <cstring>

#include "v2/templates.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::uint32_t kEnd = TextPiece::kEnd;
constexpr std::uint32_t kNested = TextPiece::kNested;

// Copies in steps of 32 bytes, up to 31 bytes too many: there is slack after every source and the target.
inline char* copy_wide(char* to, const char* from, std::uint32_t bytes) {
  std::memcpy(to, from, 32);
  for (std::uint32_t done = 32; done < bytes; done += 32) {
    std::memcpy(to + done, from + done, 32);
  }
  return to + bytes;
}

}  // namespace

bool TextDecoder::read_directory(ByteReader& directory, std::uint32_t texts, bool may_nest,
                                 std::uint64_t& values_left) {
  if (!read_templates(directory, texts, may_nest) || !read_slots(directory) || !read_ids(directory, texts) ||
      !count_values(values_left)) {
    return false;
  }
  column_.clear();
  time_columns_ = 0;
  is_needed_.assign(column_values_.size(), false);
  for (const std::uint64_t values : column_values_) {
    std::optional<Column> column;
    if (values != 0) {
      column = read_column(directory, static_cast<std::uint32_t>(values), sections_);
    }
    if (!column || !note_needs(*column)) {
      return false;
    }
    column_.push_back(std::move(*column));
  }
  return true;
}

bool TextDecoder::read_templates(ByteReader& directory, std::uint32_t texts, bool may_nest) {
  const std::uint64_t count = directory.varint_up_to(texts);
  const std::uint64_t bytes = directory.varint();
  const std::optional<Part> part = sections_.take(directory.varint(), bytes);
  const char* at = part && directory.ok() ? sections_.bytes(*part) : nullptr;
  if (at == nullptr || count == 0) {
    return false;
  }
  template_bytes_ = {at, static_cast<std::size_t>(bytes)};
  templates_.clear();
  pieces_.clear();
  Template made;
  const char* const end = at + bytes;
  for (const char* literal = at; at != end; ++at) {
    if (static_cast<unsigned char>(*at) > static_cast<unsigned char>(kLastMark)) {
      continue;
    }
    const auto length = static_cast<std::uint32_t>(at - literal);
    pieces_.push_back({literal, length, *at == kEndMark ? kEnd : *at == kNestedMark ? kNested : 0});
    made.literal_bytes += length;
    made.nested += *at == kNestedMark ? 1 : 0;
    literal = at + 1;
    if (*at == kEndMark) {
      made.last = static_cast<std::uint32_t>(pieces_.size());
      templates_.push_back(made);
      made = {.first = made.last};
    } else if (*at == kNestedMark && !may_nest) {
      return false;
    }
  }
  return templates_.size() == count && made.first == pieces_.size() && (bytes == 0 || end[-1] == kEndMark);
}

bool TextDecoder::read_slots(ByteReader& directory) {
  std::uint32_t columns = 0;
  for (TextPiece& piece : pieces_) {
    if (piece.column >= kNested) {
      continue;
    }
    const std::uint64_t code = directory.varint_up_to(columns);
    if (!directory.ok()) {
      return false;
    }
    piece.column = code == 0 ? columns++ : static_cast<std::uint32_t>(code - 1);
  }
  column_values_.assign(columns, 0);
  return true;
}

bool TextDecoder::read_ids(ByteReader& directory, std::uint32_t texts) {
  uses_.assign(templates_.size(), 0);
  ids_.assign(texts, 0);
  if (templates_.size() == 1) {
    uses_.front() = texts;
    return true;
  }
  const auto distinct = static_cast<std::uint32_t>(templates_.size());
  const std::optional<PlacesRun> run = read_places_run(directory, texts, distinct, sections_);
  numbers_.resize(texts);
  if (!run || run->key_column() || !places_.read(*run, texts, nullptr, 0, sections_, numbers_.data())) {
    return false;
  }
  for (std::uint32_t i = 0; i < texts; ++i) {
    ids_[i] = static_cast<std::uint32_t>(numbers_[i]);
    ++uses_[ids_[i]];
  }
  return true;
}

bool TextDecoder::count_values(std::uint64_t& values_left) {
  nested_ = 0;
  std::uint64_t values = 0;
  for (std::size_t i = 0; i < templates_.size(); ++i) {
    const Template& used = templates_[i];
    nested_ += std::uint64_t{used.nested} * uses_[i];
    for (std::uint32_t k = used.first; k < used.last; ++k) {
      if (pieces_[k].column < kNested) {
        column_values_[pieces_[k].column] += uses_[i];
        values += uses_[i];
      }
    }
  }
  if (values > values_left) {
    return false;
  }
  values_left -= values;
  return true;
}

// A column may be relative to one before it that has as many numbers, or have keys of one that has as many places.
bool TextDecoder::note_needs(const Column& column) {
  if (has_places(column) && column.places.key_column()) {
    const std::uint32_t keys = *column.places.key_column();
    if (keys >= column_.size() || column_[keys].count != column.count || !has_places(column_[keys])) {
      return false;
    }
    is_needed_[keys] = true;
  }
  if (!column.base) {
    return true;
  }
  if (*column.base < kColumnBase) {
    return ++time_columns_ <= kMaxTimeColumns;
  }
  const std::uint32_t base = *column.base - kColumnBase;
  if (base >= column_.size() || column_[base].count != column.count || !has_numbers(column_[base].kind)) {
    return false;
  }
  is_needed_[base] = true;
  return true;
}

// What the numbers of `column` are relative to; nullptr if there is nothing.
const std::uint64_t* TextDecoder::base_of(std::size_t column) {
  const std::uint32_t base = *column_[column].base;
  if (base >= kColumnBase) {
    return kept_numbers_[base - kColumnBase].data();
  }
  const EntryTimes* const times = times_ == nullptr ? nullptr : times_->entry_times();
  if (times == nullptr) {
    return nullptr;
  }
  const std::span<const std::uint64_t> base_times = base < kTimeBase ? times->received : times->event;
  if (base_times.size() != ids_.size()) {
    return nullptr;
  }
  std::uint64_t unit = 1;
  for (std::uint32_t i = 0; i < base % kTimeBase; ++i) {
    unit *= 1000;
  }
  column_uses_.assign(templates_.size(), 0);
  for (std::size_t i = 0; i < templates_.size(); ++i) {
    for (std::uint32_t k = templates_[i].first; k < templates_[i].last; ++k) {
      column_uses_[i] += pieces_[k].column == column ? 1 : 0;
    }
  }
  base_.clear();
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    for (std::uint32_t uses = column_uses_[ids_[i]]; uses != 0; --uses) {
      base_.push_back(base_times[i] / unit);
    }
  }
  return base_.data();
}

void TextDecoder::start(TimeSource* times) {
  times_ = times;
  refs_at_.clear();
  cursors_.clear();
  values_ = 0;
  for (const Column& column : column_) {
    refs_at_.push_back(values_);
    values_ += column.count;
  }
  is_read_.assign(column_.size(), 0);
  kept_numbers_.resize(std::max(kept_numbers_.size(), column_.size()));
  distinct_.resize(std::max(distinct_.size(), column_.size()));
  for (auto& refs : distinct_) refs.clear();
  value_bytes_ = 0;
  next_text_ = 0;
  passed_.assign(templates_.size(), 0);
  passed_ids_.clear();
}

// Most frames of a search have no value that is looked at.
void TextDecoder::make_room() {
  if (!cursors_.empty()) return;
  refs_.resize(values_);
  for (const std::size_t at : refs_at_) cursors_.push_back(refs_.data() + at);
}

// Those before it that it needs were read.
bool TextDecoder::read_one(std::size_t number) {
  const Column& column = column_[number];
  ColumnReader::Needs needs;
  needs.base = column.base ? base_of(number) : nullptr;
  if (column.kind == ColumnKind::dictionary) {
    needs.distinct = distinct(number);
    if (needs.distinct.empty()) return false;
  }
  if (has_places(column) && column.places.key_column()) {
    const std::uint32_t keys = *column.places.key_column();
    needs.keys = kept_numbers_[keys].data();
    needs.key_distinct = column_[keys].places.distinct;
  }
  make_room();
  if ((column.base && needs.base == nullptr) ||
      !columns_.read(column, needs, refs_.data() + refs_at_[number], value_bytes_)) {
    return false;
  }
  if (is_needed_[number]) {
    kept_numbers_[number].assign(columns_.numbers(), columns_.numbers() + column.count);
  }
  is_read_[number] = 1;
  return true;
}

bool TextDecoder::read_with_needs(std::size_t number) {
  if (is_read_[number] != 0) return true;
  // A column only needs columns before it, and these need others: a walk back finds all.
  is_wanted_.assign(number + 1, 0);
  is_wanted_[number] = 1;
  std::size_t first = number;
  for (std::size_t i = number + 1; i-- > 0;) {
    if (is_wanted_[i] == 0 || is_read_[i] != 0) continue;
    first = i;
    const Column& column = column_[i];
    if (column.base && *column.base >= kColumnBase) is_wanted_[*column.base - kColumnBase] = 1;
    if (has_places(column) && column.places.key_column()) is_wanted_[*column.places.key_column()] = 1;
  }
  for (std::size_t i = first; i <= number; ++i) {
    if (is_wanted_[i] != 0 && is_read_[i] == 0 && !read_one(i)) return false;
  }
  return true;
}

bool TextDecoder::read_values(std::uint64_t& sum) {
  for (std::size_t i = 0; i < column_.size(); ++i) {
    if (is_read_[i] == 0 && !read_one(i)) return false;
  }
  sum += value_bytes_;
  for (std::size_t i = 0; i < templates_.size(); ++i) {
    sum += templates_[i].literal_bytes * uses_[i];
  }
  return true;
}

std::span<const Ref> TextDecoder::values(std::size_t number) {
  if (!read_with_needs(number)) return {};
  return std::span(refs_).subspan(refs_at_[number], column_[number].count);
}

std::span<const Ref> TextDecoder::distinct(std::size_t number) {
  std::vector<Ref>& refs = distinct_[number];
  if (refs.empty() && !columns_.read_distinct(column_[number], refs)) refs.clear();
  return refs;
}

std::span<const std::uint64_t> TextDecoder::places(std::size_t number) {
  if (!has_places(column_[number])) return {};
  if (is_read_[number] == 0) is_needed_[number] = true;
  if (!is_needed_[number] || !read_with_needs(number)) return {};
  return std::span(kept_numbers_[number]).first(column_[number].count);
}

std::optional<std::string_view> TextDecoder::bytes(const Part& part) {
  const char* const at = sections_.bytes(part);
  if (at == nullptr) return std::nullopt;
  return std::string_view(at, part.bytes);
}

// Moves the cursors past skipped texts.
void TextDecoder::catch_up() {
  make_room();
  for (const std::uint32_t id : passed_ids_) {
    for (std::uint32_t i = templates_[id].first; i < templates_[id].last; ++i) {
      if (pieces_[i].has_column()) cursors_[pieces_[i].column] += passed_[id];
    }
    passed_[id] = 0;
  }
  passed_ids_.clear();
}

char* TextDecoder::next(char* to, TextDecoder* nested) {
  if (!passed_ids_.empty()) catch_up();
  const char* const arena = sections_.arena();
  const TextPiece* piece = pieces_.data() + templates_[ids_[next_text_++]].first;
  for (;; ++piece) {
    to = copy_wide(to, piece->literal, piece->literal_bytes);
    if (piece->column < kNested) {
      const Ref ref = *cursors_[piece->column]++;
      to = copy_wide(to, arena + ref.offset, ref.bytes);
    } else if (piece->column == kEnd) {
      return to;
    } else {
      // The templates of nested texts have no such piece: read_templates().
      to = nested->next(to, nullptr);  // NOLINT(clang-analyzer-core.CallAndMessage)
    }
  }
}

bool TextDecoder::read_for(const Template& used) {
  for (std::uint32_t i = used.first; i < used.last; ++i) {
    if (pieces_[i].has_column() && !read_with_needs(pieces_[i].column)) return false;
  }
  return true;
}

char* TextDecoder::next_checked(char* to, const char* end, TextDecoder* nested) {
  const Template& used = templates_[ids_[next_text_++]];
  if (!read_for(used)) return nullptr;
  if (!passed_ids_.empty()) catch_up();
  for (std::uint32_t i = used.first; i < used.last; ++i) {
    const TextPiece& piece = pieces_[i];
    const auto fits = [&](std::uint32_t bytes) { return bytes <= static_cast<std::size_t>(end - to); };
    if (!fits(piece.literal_bytes)) return nullptr;
    to = copy_wide(to, piece.literal, piece.literal_bytes);
    if (piece.has_column()) {
      const Ref ref = *cursors_[piece.column]++;
      if (!fits(ref.bytes)) return nullptr;
      to = copy_wide(to, sections_.arena() + ref.offset, ref.bytes);
    } else if (piece.column == kNested) {
      to = nested->next_checked(to, end, nullptr);  // NOLINT(clang-analyzer-core.CallAndMessage)
      if (to == nullptr) return nullptr;
    }
  }
  return to;
}

void TextDecoder::pass(TextDecoder* nested) {
  const std::uint32_t id = ids_[next_text_++];
  if (passed_[id]++ == 0) passed_ids_.push_back(id);
  if (nested == nullptr) return;
  for (std::uint32_t i = templates_[id].nested; i != 0; --i) nested->pass(nullptr);
}

}  // namespace towl::detail::v2
