#include "v2/column_reader.hpp"

#include <algorithm>
#include <limits>

#include "v2/digits.hpp"

namespace towl::detail::v2 {
namespace {

std::optional<StringRun> read_string_run(ByteReader& directory, std::uint32_t count, SectionReader& sections) {
  const std::optional<NumberRun> lengths = read_number_run(directory, count, sections);
  if (!lengths) {
    return std::nullopt;
  }
  const std::uint64_t bytes = directory.varint();
  const std::optional<Part> part = sections.take(directory.varint(), bytes);
  return part && directory.ok() ? std::optional(StringRun{*lengths, *part}) : std::nullopt;
}

bool read_strings_of(ByteReader& directory, SectionReader& sections, std::uint32_t count, Column& column) {
  const std::optional<StringRun> strings = read_string_run(directory, count, sections);
  column.strings = strings.value_or(StringRun{});
  return strings.has_value();
}

bool read_numbers_of(ByteReader& directory, SectionReader& sections, Column& column) {
  if (column.base) {
    column.base = static_cast<std::uint32_t>(directory.varint_up_to(std::numeric_limits<std::uint32_t>::max()));
  }
  const std::optional<NumberRun> numbers = read_number_run(directory, column.count, sections);
  column.numbers = numbers.value_or(NumberRun{});
  return numbers.has_value();
}

bool read_dictionary_of(ByteReader& directory, SectionReader& sections, Column& column);

bool read_form(ByteReader& directory, SectionReader& sections, Column& column) {
  switch (column.kind) {
    case ColumnKind::dictionary:
      return read_dictionary_of(directory, sections, column);
    case ColumnKind::text:
      return read_strings_of(directory, sections, column.count, column);
    case ColumnKind::decimal:
    case ColumnKind::hex:
      return read_numbers_of(directory, sections, column);
    case ColumnKind::clock:
    case ColumnKind::fraction:
      column.clock = ClockLayout::read(directory, column.kind == ColumnKind::fraction);
      return column.clock && read_numbers_of(directory, sections, column);
    case ColumnKind::hex_rows:
      column.hex = HexLayout::read(directory);
      if (column.hex) {
        const std::optional<Part> rows =
            sections.take(directory.varint(), std::uint64_t{column.count} * column.hex->row_bytes());
        column.rows = rows.value_or(Part{});
        return rows.has_value() && directory.ok();
      }
      return false;
  }
  return false;
}

// The different values form a column that is neither a dictionary nor relative.
bool read_dictionary_of(ByteReader& directory, SectionReader& sections, Column& column) {
  Column values;
  values.count = static_cast<std::uint32_t>(directory.varint_up_to(column.count));
  values.kind = static_cast<ColumnKind>(directory.byte());
  if (!directory.ok() || values.count == 0 || values.kind == ColumnKind::dictionary ||
      !read_form(directory, sections, values)) {
    return false;
  }
  const std::uint32_t distinct = values.count;
  column.dictionary.push_back(std::move(values));
  if (distinct == 1) return true;
  const std::optional<PlacesRun> places = read_places_run(directory, column.count, distinct, sections);
  column.places = places.value_or(PlacesRun{});
  return places.has_value();
}

}  // namespace

std::optional<Column> read_column(ByteReader& directory, std::uint32_t count, SectionReader& sections) {
  Column column;
  const unsigned kind = directory.byte();
  column.kind = static_cast<ColumnKind>(kind & ~kRelativeFlag);
  column.count = count;
  if ((kind & kRelativeFlag) != 0) {
    if (!has_numbers(column.kind)) {
      return std::nullopt;
    }
    column.base = 0;
  }
  return read_form(directory, sections, column) ? std::optional(column) : std::nullopt;
}

bool ColumnReader::read(const Column& column, const Needs& needs, Ref* refs, std::uint64_t& sum) {
  return column.kind == ColumnKind::dictionary ? read_dictionary(column, needs, refs, sum)
                                               : read_plain(column, needs.base, refs, sum);
}

bool ColumnReader::read_plain(const Column& column, const std::uint64_t* base, Ref* refs, std::uint64_t& sum) {
  switch (column.kind) {
    case ColumnKind::text:
      return read_strings(column.strings, column.count, refs, sum);
    case ColumnKind::decimal:
    case ColumnKind::hex:
      return read_printed(column, base, refs, sum);
    case ColumnKind::clock:
    case ColumnKind::fraction:
    case ColumnKind::hex_rows:
      return read_laid_out(column, base, refs, sum);
    case ColumnKind::dictionary:
      break;
  }
  return false;
}

// The numbers of a run, valid until the next call; nullptr if they are damaged.
const std::uint64_t* ColumnReader::read_all(const NumberRun& run, std::uint32_t count, const std::uint64_t* base) {
  if (numbers_.size() < count) {
    numbers_.resize(count);
  }
  if (!read_numbers(run, count, sections_, numbers_.data())) {
    return nullptr;
  }
  if (base != nullptr) {
    for (std::uint32_t i = 0; i < count; ++i) {
      numbers_[i] += base[i];
    }
  }
  return numbers_.data();
}

bool ColumnReader::read_strings(const StringRun& run, std::uint32_t count, Ref* refs, std::uint64_t& sum) {
  const std::uint64_t* lengths = read_all(run.lengths, count);
  if (lengths == nullptr || sections_.bytes(run.bytes) == nullptr) {
    return false;
  }
  std::uint64_t left = run.bytes.bytes;
  std::uint32_t offset = run.bytes.offset;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (lengths[i] > left) {
      return false;
    }
    left -= lengths[i];
    refs[i] = {offset, static_cast<std::uint32_t>(lengths[i])};
    offset += static_cast<std::uint32_t>(lengths[i]);
  }
  sum += run.bytes.bytes;
  return left == 0;
}

bool ColumnReader::read_distinct(const Column& column, std::vector<Ref>& refs) {
  const Column& values = column.dictionary.front();
  std::uint64_t unused = 0;
  refs.resize(values.count);
  return read_plain(values, nullptr, refs.data(), unused);
}

bool ColumnReader::read_dictionary(const Column& column, const Needs& needs, Ref* refs, std::uint64_t& sum) {
  const Column& values = column.dictionary.front();
  if (needs.distinct.empty() && !read_distinct(column, dictionary_)) {
    return false;
  }
  const Ref* const dictionary = needs.distinct.empty() ? dictionary_.data() : needs.distinct.data();
  if (values.count == 1) {
    std::fill_n(refs, column.count, *dictionary);
    sum += std::uint64_t{column.count} * dictionary->bytes;
    return true;
  }
  if (numbers_.size() < column.count) {
    numbers_.resize(column.count);
  }
  if (!places_.read(column.places, column.count, needs.keys, needs.key_distinct, sections_, numbers_.data())) {
    return false;
  }
  for (std::uint32_t i = 0; i < column.count; ++i) {
    refs[i] = dictionary[numbers_[i]];
    sum += refs[i].bytes;
  }
  return true;
}

bool ColumnReader::read_printed(const Column& column, const std::uint64_t* base, Ref* refs, std::uint64_t& sum) {
  const std::uint64_t* numbers = read_all(column.numbers, column.count, base);
  if (numbers == nullptr) {
    return false;
  }
  const char* const begin = target_.at;
  const bool decimal = column.kind == ColumnKind::decimal;
  for (std::uint32_t i = 0; i < column.count; ++i) {
    if (target_.at >= target_.end) {
      return false;
    }
    const unsigned bytes = decimal ? print_decimal(numbers[i], target_.at) : print_hex(numbers[i], target_.at);
    refs[i] = {target_.offset_of(target_.at), bytes};
    target_.at += bytes;
  }
  sum += static_cast<std::uint64_t>(target_.at - begin);
  return target_.at <= target_.end;
}

bool ColumnReader::read_laid_out(const Column& column, const std::uint64_t* base, Ref* refs, std::uint64_t& sum) {
  const char* const begin = target_.at;
  if (column.clock) {
    const std::uint64_t* numbers = read_all(column.numbers, column.count, base);
    if (numbers == nullptr || !column.clock->print({numbers, column.count}, target_, refs)) {
      return false;
    }
  } else {
    const char* rows = sections_.bytes(column.rows);
    if (rows == nullptr || !column.hex->print(rows, column.count, target_, refs)) {
      return false;
    }
  }
  sum += static_cast<std::uint64_t>(target_.at - begin);
  return true;
}

}  // namespace towl::detail::v2
