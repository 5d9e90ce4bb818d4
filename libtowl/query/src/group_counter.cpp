#include "group_counter.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "filter.hpp"

namespace towl::detail {
namespace {

/// The most groups for each thread: about 32 MiB of short values.
constexpr std::size_t kMostGroups = std::size_t{1} << 17;

bool is_of_file(FieldKind kind) {
  return kind == FieldKind::file_id || kind == FieldKind::file || kind == FieldKind::title || kind == FieldKind::org;
}

std::string value_of_file(const FileFacts& file, FieldKind kind) {
  switch (kind) {
    case FieldKind::file_id:
      return file.id;
    case FieldKind::file:
      return file.uuid;
    case FieldKind::title:
      return file.header.title;
    default:
      return file.header.org;
  }
}

std::string bucket_text(Timestamp time, std::int64_t step) {
  return std::string(format_rfc3339(bucket_of(time, step)).view());
}

}  // namespace

GroupCounter::GroupCounter(std::vector<CountBy> by) : by_(std::move(by)), values_(by_.size()) {
  for (const CountBy& one : by_) needs_text_ = needs_text_ || detail::needs_text(test_of(one.field, ExistsTest{}));
  is_one_time_ = by_.size() == 1 && by_.front().step_ns > 0;
  is_one_level_ = by_.size() == 1 && by_.front().field.kind == FieldKind::level;
}

std::uint64_t* GroupCounter::group_of(const std::vector<std::string>& values) {
  key_.clear();
  for (const std::string& value : values) {
    key_ += std::to_string(value.size());
    key_ += ':';
    key_ += value;
  }
  const auto [place, is_new] = places_.try_emplace(key_, groups_.size());
  if (is_new && groups_.size() == kMostGroups) {
    is_too_large_ = true;
    places_.erase(place);
    return nullptr;
  }
  if (is_new) groups_.push_back({values, 0});
  return &groups_[place->second].count;
}

void GroupCounter::add(const std::vector<std::string>& values, std::uint64_t entries) {
  if (entries == 0) return;
  if (std::uint64_t* const count = group_of(values)) *count += entries;
}

void GroupCounter::add(const GroupCounter& other) {
  for (const Group& group : other.groups_) add(group.values, group.count);
  is_too_large_ = is_too_large_ || other.is_too_large_;
}

bool GroupCounter::count_known(const Known& known, Timestamp received_min, Timestamp received_max,
                               std::uint64_t entries) {
  for (std::size_t i = 0; i < by_.size(); ++i) {
    const FieldKind kind = by_[i].field.kind;
    if (is_of_file(kind)) {
      values_[i] = value_of_file(*known.file, kind);
      continue;
    }
    const std::int64_t step = by_[i].step_ns;
    if (step <= 0 || (kind != FieldKind::time && kind != FieldKind::received)) return false;
    const Timestamp first = kind == FieldKind::time ? known.event_min : received_min;
    const Timestamp last = kind == FieldKind::time ? known.event_max : received_max;
    if (first > last || bucket_of(first, step) != bucket_of(last, step)) return false;
    values_[i] = bucket_text(first, step);
  }
  add(values_, entries);
  return true;
}

bool GroupCounter::needs_levels_alone() const {
  return std::all_of(by_.begin(), by_.end(), [](const CountBy& by) {
    return by.field.kind == FieldKind::level || !detail::needs_text(test_of(by.field, ExistsTest{}));
  });
}

bool GroupCounter::count_rows(const RowSet& rows, const std::int8_t* levels) {
  if (by_.empty()) {
    add(values_, rows.count());
    return true;
  }
  if (!is_one_level_ || levels == nullptr) return false;
  std::array<std::uint64_t, kLeastSevere + 2> counts{};
  rows.each([&](std::size_t row) { ++counts[static_cast<std::size_t>(levels[row] < 0 ? 0 : levels[row] + 1)]; });
  for (std::size_t i = 0; i < counts.size(); ++i) {
    values_.front() = i == 0 ? std::string_view() : level_name(static_cast<Level>(i) - 1);
    add(values_, counts[i]);
  }
  return true;
}

void GroupCounter::count(Batch& batch, const RowSet& rows, const std::int8_t* levels) {
  if (count_rows(rows, levels)) return;
  // Neighbouring entries are often of one group.
  std::uint64_t same = 0;
  if (is_one_time_) {
    const bool is_event = by_.front().field.kind != FieldKind::received;
    const std::int64_t step = by_.front().step_ns;
    Timestamp begin = 0;
    rows.each([&](std::size_t row) {
      const EntryView& entry = batch.entries()[row];
      const Timestamp time = is_event ? entry.time() : entry.received;
      if (same > 0 && time >= begin && time - begin < step) {
        ++same;
        return;
      }
      add(values_, same);
      begin = bucket_of(time, step);
      values_.front() = bucket_text(time, step);
      same = 1;
    });
    add(values_, same);
    return;
  }
  std::vector<std::string> last = values_;
  rows.each([&](std::size_t row) {
    const EntryView& entry = batch.entries()[row];
    for (std::size_t i = 0; i < by_.size(); ++i) {
      const CountBy& by = by_[i];
      if (by.step_ns > 0) {
        values_[i] = bucket_text(by.field.kind == FieldKind::received ? entry.received : entry.time(), by.step_ns);
        continue;
      }
      values_[i].clear();
      if (by.field.kind == FieldKind::level && levels != nullptr) {
        if (levels[row] >= 0) values_[i] = level_name(levels[row]);
        continue;
      }
      batch.any_value(by.field, row, [&](std::string_view value) {
        values_[i] = value;
        return true;
      });
    }
    if (values_ == last) {
      ++same;
      return;
    }
    add(last, same);
    last = values_;
    same = 1;
  });
  add(last, same);
}

std::vector<EntryCount> GroupCounter::groups() const {
  std::vector<EntryCount> all;
  for (const Group& group : groups_) all.push_back({group.values, group.count});
  return all;
}

}  // namespace towl::detail
