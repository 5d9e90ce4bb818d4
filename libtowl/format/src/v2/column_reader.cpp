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
  const std::optional<NumberRun> numbers = read_number_run(directory, column.count, sections);
  column.numbers = numbers.value_or(NumberRun{});
  return numbers.has_value();
}

bool read_form(ByteReader& directory, SectionReader& sections, Column& column) {
  switch (column.kind) {
    case ColumnKind::dictionary:
      column.distinct = static_cast<std::uint32_t>(directory.varint_up_to(column.count));
      return directory.ok() && column.distinct != 0 && read_strings_of(directory, sections, column.distinct, column) &&
             (column.distinct == 1 || read_numbers_of(directory, sections, column));
    case ColumnKind::text:
      return read_strings_of(directory, sections, column.count, column);
    case ColumnKind::decimal:
    case ColumnKind::hex:
      return read_numbers_of(directory, sections, column);
    case ColumnKind::clock:
      column.clock = ClockLayout::read(directory);
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

}  // namespace

std::optional<Column> read_column(ByteReader& directory, std::uint32_t count, SectionReader& sections) {
  Column column;
  column.kind = static_cast<ColumnKind>(directory.byte());
  column.count = count;
  return read_form(directory, sections, column) ? std::optional(column) : std::nullopt;
}

void ColumnReader::start(std::uint64_t bytes) {
  at_ = sections_.scratch_offset();
  end_ = at_ + static_cast<std::uint32_t>(bytes);
}

bool ColumnReader::read(const Column& column, Ref* refs, std::uint64_t& sum) {
  switch (column.kind) {
    case ColumnKind::dictionary:
      return read_dictionary(column, refs, sum);
    case ColumnKind::text:
      return read_strings(column.strings, column.count, refs, sum);
    case ColumnKind::decimal:
    case ColumnKind::hex:
      return read_printed(column, refs, sum);
    case ColumnKind::clock:
    case ColumnKind::hex_rows:
      return read_laid_out(column, refs, sum);
  }
  return false;
}

bool ColumnReader::read_strings(const StringRun& run, std::uint32_t count, Ref* refs, std::uint64_t& sum) {
  if (numbers_.size() < count) {
    numbers_.resize(count);
  }
  if (sections_.bytes(run.bytes) == nullptr || !read_numbers(run.lengths, count, sections_, numbers_.data())) {
    return false;
  }
  std::uint64_t left = run.bytes.bytes;
  std::uint32_t offset = run.bytes.offset;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (numbers_[i] > left) {
      return false;
    }
    left -= numbers_[i];
    refs[i] = {offset, static_cast<std::uint32_t>(numbers_[i])};
    offset += static_cast<std::uint32_t>(numbers_[i]);
  }
  sum += run.bytes.bytes;
  return left == 0;
}

bool ColumnReader::read_dictionary(const Column& column, Ref* refs, std::uint64_t& sum) {
  std::uint64_t unused = 0;
  dictionary_.resize(column.distinct);
  if (!read_strings(column.strings, column.distinct, dictionary_.data(), unused)) {
    return false;
  }
  if (column.distinct == 1) {
    std::fill_n(refs, column.count, dictionary_.front());
    sum += std::uint64_t{column.count} * dictionary_.front().bytes;
    return true;
  }
  if (numbers_.size() < column.count) {
    numbers_.resize(column.count);
  }
  if (!read_numbers(column.numbers, column.count, sections_, numbers_.data())) {
    return false;
  }
  for (std::uint32_t i = 0; i < column.count; ++i) {
    if (numbers_[i] >= column.distinct) {
      return false;
    }
    refs[i] = dictionary_[numbers_[i]];
    sum += refs[i].bytes;
  }
  return true;
}

bool ColumnReader::read_printed(const Column& column, Ref* refs, std::uint64_t& sum) {
  if (numbers_.size() < column.count) {
    numbers_.resize(column.count);
  }
  if (!read_numbers(column.numbers, column.count, sections_, numbers_.data())) {
    return false;
  }
  const std::uint32_t begin = at_;
  for (std::uint32_t i = 0; i < column.count; ++i) {
    if (at_ >= end_) {
      return false;
    }
    char* to = sections_.arena() + at_;
    const unsigned bytes =
        column.kind == ColumnKind::decimal ? print_decimal(numbers_[i], to) : print_hex(numbers_[i], to);
    refs[i] = {at_, bytes};
    at_ += bytes;
  }
  sum += at_ - begin;
  return at_ <= end_;
}

bool ColumnReader::read_laid_out(const Column& column, Ref* refs, std::uint64_t& sum) {
  const std::size_t length = column.clock ? column.clock->bytes() : column.hex->bytes();
  const std::uint64_t bytes = std::uint64_t{column.count} * length;
  if (bytes > end_ - at_) {
    return false;
  }
  char* to = sections_.arena() + at_;
  if (column.clock) {
    if (numbers_.size() < column.count) {
      numbers_.resize(column.count);
    }
    if (!read_numbers(column.numbers, column.count, sections_, numbers_.data()) ||
        !column.clock->print(numbers_.data(), column.count, to)) {
      return false;
    }
  } else {
    const char* rows = sections_.bytes(column.rows);
    if (rows == nullptr) {
      return false;
    }
    column.hex->print(rows, column.count, to);
  }
  for (std::uint32_t i = 0; i < column.count; ++i) {
    refs[i] = {at_, static_cast<std::uint32_t>(length)};
    at_ += static_cast<std::uint32_t>(length);
  }
  sum += bytes;
  return true;
}

}  // namespace towl::detail::v2
