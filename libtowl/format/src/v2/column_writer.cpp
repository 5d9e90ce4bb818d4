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
// For fewer values than this a choice is not worth its cost.
constexpr std::size_t kFewValues = 4;
// If places take less than a byte for so many values, they cost next to nothing.
constexpr double kToldValues = 100;
// With at least so many values and so many bytes per value it is worth looking for other numbers.
constexpr std::size_t kManyValues = 64;
constexpr double kLeastGain = 0.05;
constexpr std::size_t kMaxBases = 8;
// At most so many columns whose places may be keys to others.
constexpr std::size_t kMaxKeys = 8;
constexpr std::size_t kSampledNumbers = 64;

std::size_t total_bytes(std::span<const std::string_view> values) {
  std::size_t sum = 0;
  for (const std::string_view value : values) {
    sum += value.size();
  }
  return sum;
}

bool is_close(double a, double b) { return a < 1.5 * b && b < 1.5 * a; }

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
  keys_.clear();
  next_keys_ = 0;
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
    write_dictionary({}, directory);
    return;
  }
  const std::size_t bytes = total_bytes(values);
  const double text = text_bytes(values.size(), bytes);
  // All values have a form if the different ones have it.
  const bool has_form = find_forms();
  std::optional<Form> list;
  double dictionary = text;
  if (distinct_.size() * 8 < values.size() * 7) {
    list = plan_list();
    place_plan_.make(places_, static_cast<std::uint32_t>(distinct_.size()), keys_, sections_);
    dictionary = (list ? list->bytes : list_bytes()) + place_plan_.bytes();
  }
  // If there is hardly anything to store, nothing can be gained.
  const bool is_told = dictionary < text && place_plan_.bytes() * kToldValues < static_cast<double>(values.size());
  std::optional<Form> form = has_form && !is_told ? plan_values(values.size(), bytes) : std::nullopt;
  std::optional<std::uint32_t> base;
  if (form && !form->hex) {
    base = find_base(times);
    form->bytes = base ? relative_plan_.bytes() : plan_.bytes();
  }
  if (form && !form->hex && dictionary < text && is_close(form->bytes, dictionary)) {
    if (list && !list->hex) {
      dictionary += static_cast<double>(list_plan_.measured_bytes(sections_)) - list->bytes;
    }
    form->bytes = static_cast<double>((base ? relative_plan_ : plan_).measured_bytes(sections_));
  }
  if (form && form->bytes < std::min(dictionary, text)) {
    write_form(*form, values, base ? relative_plan_ : plan_, base, directory);
    if (!form->hex && numbers_.size() >= kManyValues && bases_.size() < kMaxBases) {
      bases_.push_back({next_column_ - 1, numbers_});
    }
  } else if (dictionary < text) {
    write_dictionary(list, directory);
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
    while (table_[slot] != 0 && !same_bytes(distinct_[table_[slot] - 1], value)) {
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

double ColumnWriter::list_bytes() const {
  return kNewByte * static_cast<double>(total_bytes(distinct_)) + kNewString * static_cast<double>(distinct_.size());
}

double ColumnWriter::text_bytes(std::size_t values, std::size_t bytes) const {
  const auto repeated = static_cast<double>(values - distinct_.size());
  const double average = static_cast<double>(bytes) / static_cast<double>(values);
  return list_bytes() + repeated * std::min(kRepeatedString, kNewByte * average + kNewString);
}

// Finds out whether the different values are numbers, which list_numbers_ are then, or rows of hexadecimal digits.
bool ColumnWriter::find_forms() {
  number_form_.reset();
  rows_form_.reset();
  if (parse_all(distinct_, list_numbers_, parse_decimal)) {
    number_form_ = Form{.kind = ColumnKind::decimal};
  } else if (parse_all(distinct_, list_numbers_, parse_hex)) {
    number_form_ = Form{.kind = ColumnKind::hex};
  } else {
    Form clock{.kind = ColumnKind::clock, .clock = ClockLayout::of(distinct_)};
    if (!clock.clock) clock = {.kind = ColumnKind::fraction, .clock = ClockLayout::of_fractions(distinct_)};
    if (clock.clock) {
      list_numbers_.clear();
      for (const std::string_view value : distinct_) {
        list_numbers_.push_back(clock.clock->parse(value));
      }
      number_form_ = clock;
    }
  }
  // Four bits per digit are more than decimal numbers take.
  if (number_form_ && number_form_->kind != ColumnKind::hex) return true;
  if (Form rows{.kind = ColumnKind::hex_rows, .hex = HexLayout::of(distinct_)}; rows.hex) {
    rows_form_ = rows;
  }
  return number_form_ || rows_form_;
}

// The smaller one of number_form_ (its numbers are in `plan`) and rows_form_, if it takes less than `limit`.
std::optional<ColumnWriter::Form> ColumnWriter::smaller_form(const NumberPlan& plan, std::size_t values,
                                                             std::size_t bytes, double limit) {
  std::optional<Form> form = number_form_;
  if (form) {
    form->bytes = plan.bytes();
    if (form->bytes >= limit || plan.width() * values > 2 * bytes) form.reset();
  }
  if (!rows_form_) return form;
  rows_form_->bytes = static_cast<double>(rows_form_->hex->row_bytes() * values);
  return rows_form_->bytes < (form ? form->bytes : limit) ? rows_form_ : form;
}

// The form of the different values, with their numbers in list_plan_; nullopt if they are best left as text.
std::optional<ColumnWriter::Form> ColumnWriter::plan_list() {
  if (number_form_) list_plan_.make(list_numbers_, true);
  return smaller_form(list_plan_, distinct_.size(), total_bytes(distinct_), list_bytes());
}

// The form of all values, with their numbers in numbers_ and plan_.
std::optional<ColumnWriter::Form> ColumnWriter::plan_values(std::size_t values, std::size_t bytes) {
  if (number_form_) {
    numbers_.clear();
    for (const std::uint32_t place : places_) {
      numbers_.push_back(list_numbers_[place]);
    }
    plan_.make(numbers_, true);
  }
  return smaller_form(plan_, values, bytes, std::numeric_limits<double>::max());
}

void ColumnWriter::write_form(const Form& form, std::span<const std::string_view> values, NumberPlan& plan,
                              std::optional<std::uint32_t> base, std::string& directory) {
  put_byte(directory, static_cast<unsigned>(form.kind) | (base ? kRelativeFlag : 0));
  if (form.hex) {
    bytes_.clear();
    for (const std::string_view value : values) {
      form.hex->pack(value, bytes_);
    }
    form.hex->write(directory);
    put_varint(directory, sections_.add(kFigures, bytes_));
    return;
  }
  if (form.clock) {
    form.clock->write(directory);
  }
  if (base) {
    put_varint(directory, *base);
    time_columns_ += *base < kColumnBase ? 1 : 0;
  }
  plan.write(kFigures, sections_, directory);
}

// The base that makes numbers_ smallest, if one makes them much smaller; its plan is relative_plan_.
std::optional<std::uint32_t> ColumnWriter::find_base(const ValueTimes& times) {
  std::optional<std::uint32_t> best;
  if (numbers_.size() < kManyValues || plan_.bytes() < static_cast<double>(numbers_.size()) * kLeastGain) {
    return best;
  }
  const auto consider = [&](std::uint32_t base, auto number_at) {
    const double least = best ? relative_plan_.bytes() : plan_.bytes();
    if (try_base(number_at) && tried_plan_.bytes() + static_cast<double>(numbers_.size()) * kLeastGain < least) {
      std::swap(tried_plan_, relative_plan_);
      best = base;
    }
  };
  for (const Base& base : bases_) {
    if (base.numbers.size() == numbers_.size()) {
      consider(kColumnBase + base.column, [&](std::size_t i) { return base.numbers[i]; });
    }
  }
  const auto consider_times = [&](std::uint32_t first_base, std::span<const std::uint64_t> entry_times) {
    std::uint64_t unit = 1;
    for (std::uint32_t base = first_base; base < first_base + kTimeBase && !entry_times.empty(); ++base, unit *= 1000) {
      consider(base, [&](std::size_t i) { return entry_times[times.entries[i]] / unit; });
    }
  };
  if (time_columns_ < kMaxTimeColumns) {
    consider_times(0, times.all.received);
    consider_times(kTimeBase, times.all.event);
  }
  return best;
}

// Plans for the distances to the base's numbers, if a sample of them is steadier than the numbers are.
template <class NumberAt>
bool ColumnWriter::try_base(NumberAt base_at) {
  const auto step_bits = [](std::uint64_t from, std::uint64_t to) {
    return static_cast<std::uint64_t>(std::bit_width(zigzag(to - from)));
  };
  std::uint64_t own = 0;
  std::uint64_t relative = 0;
  const std::size_t stride = std::max<std::size_t>(1, numbers_.size() / kSampledNumbers);
  for (std::size_t i = 1; i < numbers_.size(); i += stride) {
    own += step_bits(numbers_[i - 1], numbers_[i]);
    relative += step_bits(numbers_[i - 1] - base_at(i - 1), numbers_[i] - base_at(i));
  }
  if (relative * 10 >= own * 9) {
    return false;
  }
  differences_.resize(numbers_.size());
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    differences_[i] = numbers_[i] - base_at(i);
  }
  tried_plan_.make(differences_, true);
  return true;
}

// `list`: the form of the different values, of list_plan_; text if there is none.
void ColumnWriter::write_dictionary(const std::optional<Form>& list, std::string& directory) {
  put_kind(directory, ColumnKind::dictionary);
  put_varint(directory, distinct_.size());
  if (list) {
    write_form(*list, distinct_, list_plan_, {}, directory);
  } else {
    write_text(distinct_, directory);
  }
  if (distinct_.size() == 1) return;
  place_plan_.write(places_, sections_, directory);
  if (places_.size() < kManyValues) return;
  if (next_keys_ == keys_.size()) keys_.emplace_back();
  keys_[next_keys_] = {next_column_ - 1, static_cast<std::uint32_t>(distinct_.size()), places_};
  next_keys_ = (next_keys_ + 1) % kMaxKeys;
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
