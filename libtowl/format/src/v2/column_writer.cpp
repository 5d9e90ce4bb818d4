#include "v2/column_writer.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "v2/digits.hpp"
#include "v2/hash.hpp"

namespace towl::detail::v2 {
namespace {

// What zstd makes of text, roughly: of a byte that is new, of a string's length, and of a string that was there before.
constexpr double kNewByte = 0.5;
constexpr double kNewString = 0.3;
constexpr double kRepeatedString = 3;
// What it takes to say where a run of equal values ends.
constexpr double kChangeBits = 8;
// Fewer values than this are not worth a choice.
constexpr std::size_t kFewValues = 4;
// Other numbers are worth looking for from so many values and so many bytes a value on.
constexpr std::size_t kManyValues = 64;
constexpr double kLeastGain = 0.05;
constexpr std::size_t kMaxBases = 8;
constexpr std::size_t kSample = 64;

std::size_t total_bytes(std::span<const std::string_view> values) {
  std::size_t sum = 0;
  for (const std::string_view value : values) {
    sum += value.size();
  }
  return sum;
}

void put_kind(std::string& directory, ColumnKind kind) { put_byte(directory, static_cast<unsigned>(kind)); }

template <class Parse>
bool parse_all(std::span<const std::string_view> values, std::vector<std::uint64_t>& numbers, Parse parse) {
  numbers.clear();
  for (const std::string_view value : values) {
    const auto number = parse(value);
    if (!number) {
      return false;
    }
    numbers.push_back(*number);
  }
  return true;
}

}  // namespace

void ColumnWriter::start() {
  bases_.clear();
  next_column_ = 0;
  time_columns_ = 0;
}

void ColumnWriter::write(std::span<const std::string_view> values, const ValueTimes& times, std::string& directory) {
  ++next_column_;
  if (values.size() < kFewValues) {
    write_text(values, directory);
    return;
  }
  count_distinct(values);
  if (distinct_.size() == 1) {
    write_dictionary(directory);
    return;
  }
  const double dictionary = dictionary_bytes();
  const double text = text_bytes(values.size(), total_bytes(values));
  const double limit = std::min(dictionary, text);
  if (write_numbers(values, times, limit, directory) || write_clock(values, times, limit, directory) ||
      write_hex_rows(values, limit, directory)) {
    return;
  }
  if (dictionary < text) {
    write_dictionary(directory);
  } else {
    write_text(values, directory);
  }
}

void ColumnWriter::count_distinct(std::span<const std::string_view> values) {
  table_.assign(std::bit_ceil(2 * values.size()), 0);
  distinct_.clear();
  uses_.clear();
  places_.clear();
  for (const std::string_view value : values) {
    std::size_t slot = hash_bytes(0, value) & (table_.size() - 1);
    while (table_[slot] != 0 && distinct_[table_[slot] - 1] != value) {
      slot = (slot + 1) & (table_.size() - 1);
    }
    if (table_[slot] == 0) {
      distinct_.push_back(value);
      uses_.push_back(0);
      table_[slot] = static_cast<std::uint32_t>(distinct_.size());
    }
    ++uses_[table_[slot] - 1];
    places_.push_back(table_[slot] - 1);
  }
}

double ColumnWriter::dictionary_bytes() const {
  double weighted = 0;
  for (const std::uint32_t uses : uses_) {
    weighted += uses * std::log2(uses);
  }
  // zstd finds places that repeat the one before: then only changes cost.
  std::size_t changes = 0;
  for (std::size_t i = 1; i < places_.size(); ++i) {
    changes += places_[i] != places_[i - 1] ? 1 : 0;
  }
  const auto n = static_cast<double>(places_.size());
  const double bits_each = std::log2(n) - weighted / n;
  const double bits = std::min(n * bits_each, static_cast<double>(changes) * (bits_each + kChangeBits));
  const double list =
      kNewByte * static_cast<double>(total_bytes(distinct_)) + kNewString * static_cast<double>(distinct_.size());
  return list + bits / 8;
}

double ColumnWriter::text_bytes(std::size_t values, std::size_t bytes) const {
  const double list =
      kNewByte * static_cast<double>(total_bytes(distinct_)) + kNewString * static_cast<double>(distinct_.size());
  const auto repeated = static_cast<double>(values - distinct_.size());
  const double average = static_cast<double>(bytes) / static_cast<double>(values);
  return list + repeated * std::min(kRepeatedString, kNewByte * average + kNewString);
}

bool ColumnWriter::write_numbers(std::span<const std::string_view> values, const ValueTimes& times, double limit,
                                 std::string& directory) {
  ColumnKind kind = ColumnKind::decimal;
  if (!parse_all(values, numbers_, parse_decimal)) {
    kind = ColumnKind::hex;
    if (!parse_all(values, numbers_, parse_hex)) {
      return false;
    }
  }
  return write_plan(kind, nullptr, total_bytes(values), times, limit, directory);
}

bool ColumnWriter::write_clock(std::span<const std::string_view> values, const ValueTimes& times, double limit,
                               std::string& directory) {
  const std::optional<ClockLayout> layout = ClockLayout::of(values);
  if (!layout) {
    return false;
  }
  numbers_.clear();
  for (const std::string_view value : values) {
    numbers_.push_back(layout->parse(value));
  }
  return write_plan(ColumnKind::clock, &*layout, total_bytes(values), times, limit, directory);
}

// Writes numbers_, unless they take more than `limit`.
bool ColumnWriter::write_plan(ColumnKind kind, const ClockLayout* layout, std::size_t bytes, const ValueTimes& times,
                              double limit, std::string& directory) {
  plan_.make(numbers_, true);
  const std::optional<std::uint32_t> base = find_base(times);
  NumberPlan& plan = base ? relative_plan_ : plan_;
  if (plan.bytes() >= limit || plan.width() * numbers_.size() > 2 * bytes) {
    return false;
  }
  put_byte(directory, static_cast<unsigned>(kind) | (base ? kRelativeFlag : 0));
  if (layout != nullptr) {
    layout->write(directory);
  }
  if (base) {
    put_varint(directory, *base);
    time_columns_ += *base < kColumnBase ? 1 : 0;
  }
  plan.write(kFigures, sections_, directory);
  if (numbers_.size() >= kManyValues && bases_.size() < kMaxBases) {
    bases_.push_back({next_column_ - 1, numbers_});
  }
  return true;
}

// The base that makes numbers_ smallest, if any does so by much; its plan is relative_plan_.
std::optional<std::uint32_t> ColumnWriter::find_base(const ValueTimes& times) {
  std::optional<std::uint32_t> best;
  if (numbers_.size() < kManyValues || plan_.bytes() < static_cast<double>(numbers_.size()) * kLeastGain) {
    return best;
  }
  const auto consider = [&](std::uint32_t base, std::span<const std::uint64_t> numbers) {
    const double least = best ? relative_plan_.bytes() : plan_.bytes();
    if (try_base(numbers) && tried_plan_.bytes() + static_cast<double>(numbers_.size()) * kLeastGain < least) {
      std::swap(tried_plan_, relative_plan_);
      best = base;
    }
  };
  for (const Base& base : bases_) {
    if (base.numbers.size() == numbers_.size()) {
      consider(kColumnBase + base.column, base.numbers);
    }
  }
  const auto consider_times = [&](std::uint32_t first_base, std::span<const std::uint64_t> entry_times) {
    std::uint64_t unit = 1;
    for (std::uint32_t base = first_base; base < first_base + kTimeBase && !entry_times.empty(); ++base, unit *= 1000) {
      base_.clear();
      for (const std::uint32_t entry : times.entries) {
        base_.push_back(entry_times[entry] / unit);
      }
      consider(base, base_);
    }
  };
  if (time_columns_ < kMaxTimeColumns) {
    consider_times(0, times.all.received);
    consider_times(kTimeBase, times.all.event);
  }
  return best;
}

// Plans for the distances to `base`, if a sample of them is steadier than the numbers are.
bool ColumnWriter::try_base(std::span<const std::uint64_t> base) {
  const auto step_bits = [](std::uint64_t from, std::uint64_t to) {
    return static_cast<std::uint64_t>(std::bit_width(zigzag(to - from)));
  };
  std::uint64_t own = 0;
  std::uint64_t relative = 0;
  const std::size_t stride = std::max<std::size_t>(1, numbers_.size() / kSample);
  for (std::size_t i = 1; i < numbers_.size(); i += stride) {
    own += step_bits(numbers_[i - 1], numbers_[i]);
    relative += step_bits(numbers_[i - 1] - base[i - 1], numbers_[i] - base[i]);
  }
  if (relative * 10 >= own * 9) {
    return false;
  }
  differences_.resize(numbers_.size());
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    differences_[i] = numbers_[i] - base[i];
  }
  tried_plan_.make(differences_, true);
  return true;
}

bool ColumnWriter::write_hex_rows(std::span<const std::string_view> values, double limit, std::string& directory) {
  const std::optional<HexLayout> layout = HexLayout::of(values);
  if (!layout || static_cast<double>(layout->row_bytes() * values.size()) >= limit) {
    return false;
  }
  bytes_.clear();
  for (const std::string_view value : values) {
    layout->pack(value, bytes_);
  }
  put_kind(directory, ColumnKind::hex_rows);
  layout->write(directory);
  put_varint(directory, sections_.add(kFigures, bytes_));
  return true;
}

void ColumnWriter::write_dictionary(std::string& directory) {
  put_kind(directory, ColumnKind::dictionary);
  put_varint(directory, distinct_.size());
  write_strings(distinct_, directory);
  if (distinct_.size() > 1) {
    plan_.make(places_, false);
    plan_.write(kIndexes, sections_, directory);
  }
}

void ColumnWriter::write_text(std::span<const std::string_view> values, std::string& directory) {
  put_kind(directory, ColumnKind::text);
  write_strings(values, directory);
}

void ColumnWriter::write_strings(std::span<const std::string_view> values, std::string& directory) {
  numbers_.clear();
  bytes_.clear();
  for (const std::string_view value : values) {
    numbers_.push_back(value.size());
    bytes_.append(value);
  }
  plan_.make(numbers_, false);
  plan_.write(kLengths, sections_, directory);
  put_varint(directory, bytes_.size());
  put_varint(directory, sections_.add(kWords, bytes_));
}

}  // namespace towl::detail::v2
