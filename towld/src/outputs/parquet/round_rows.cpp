#include "outputs/parquet/round_rows.hpp"

#include <array>

#include "outputs/parquet/host_folder.hpp"
#include "towl/query/address.hpp"
#include "towl/record/json_text.hpp"
#include "towl/record/level.hpp"
#include "towl/record/names.hpp"

namespace towld {
namespace {

using towl::duckdb::Type;

enum Column : std::size_t {
  timestamp,
  key,
  fields,
  host,
  level,
  message,
  identifier,
  unit,
  received,
  nanoseconds,
  file_uuid,
  ordinal,
  place_
};

constexpr std::array<towl::RowColumn, 13> kRowColumns = {{{"timestamp", Type::timestamp_tz},
                                                          {"minute_key", Type::varchar},
                                                          {"fields", Type::varchar},
                                                          {"host", Type::varchar},
                                                          {"level", Type::varchar},
                                                          {"message", Type::varchar},
                                                          {"identifier", Type::varchar},
                                                          {"unit", Type::varchar},
                                                          {"received", Type::timestamp_tz},
                                                          {"ns", Type::bigint},
                                                          {"file_uuid", Type::varchar},
                                                          {"ordinal", Type::bigint},
                                                          {"place", Type::bigint}}};

/// Towards the past, so that what happened before a bound stays before it.
std::int64_t microseconds(towl::Timestamp time) { return time / 1000 - (time % 1000 < 0 ? 1 : 0); }

}  // namespace

std::span<const towl::RowColumn> RoundRows::columns() const { return kRowColumns; }

towl::Result<void> RoundRows::begin() {
  rows_ = 0;
  StorePosition from = begin_;
  StorePosition to = end_;
  if (chosen_) {
    const auto& sources = plan_.files()[*chosen_].sources;
    from = sources.front().first;
    to = {sources.back().first.file_id, sources.back().last + 1, {}};
  }
  range_.emplace(store_, from, to);
  return {};
}

towl::Result<bool> RoundRows::next(towl::RowWriter& to) {
  for (;;) {
    const auto entry = range_->next();
    if (!entry) return towl::fail(entry.error());
    if (!*entry) return false;
    const auto place = plan_.file_of(**entry);
    if (!place || (chosen_ && *place != *chosen_)) continue;
    write(**entry, *place, to);
    ++rows_;
    return true;
  }
}

void RoundRows::put_text(towl::RowWriter& to, std::size_t column, std::optional<std::string_view> text) {
  if (!text) return to.null(column);
  to.text(column, towl::valid_utf8(*text, memory_));
}

void RoundRows::write(const FollowedEntry& followed, std::size_t place, towl::RowWriter& to) {
  const towl::EntryView& entry = followed.entry;
  record_.set(entry);
  const towl::Timestamp time = entry.time();
  const std::int64_t minute = minute_of(time);
  if (key_of_ != minute) {
    key_of_ = minute;
    key_ = minute_key(minute);
  }
  if (uuid_.empty() || uuid_of_ != followed.uuid) {
    uuid_of_ = followed.uuid;
    uuid_ = towl::uuid_text(followed.uuid);
  }
  to.number(timestamp, microseconds(time));
  to.text(key, key_);
  const bool has_fields = record_.has_fields();
  if (has_fields) {
    put_text(to, fields, entry.log_entry);
  } else {
    fields_ = "{\"MESSAGE\":";
    towl::append_json_text(entry.log_entry, fields_);
    fields_ += '}';
    to.text(fields, fields_);
  }
  put_text(to, host, entry.sender);
  const auto severity = record_.level();
  put_text(to, level, severity ? std::optional(towl::level_name(*severity)) : std::nullopt);
  put_text(to, message, record_.message());
  put_text(to, identifier, has_fields ? record_.find(towl::field::kIdentifier) : std::nullopt);
  put_text(to, unit, has_fields ? record_.find("_SYSTEMD_UNIT") : std::nullopt);
  to.number(received, microseconds(entry.received));
  to.number(nanoseconds, time - microseconds(time) * 1000);
  to.text(file_uuid, uuid_);
  to.number(ordinal, static_cast<std::int64_t>(followed.ordinal));
  to.number(place_, static_cast<std::int64_t>(place));
}

}  // namespace towld
