#include "towl/record/names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "characters.hpp"

namespace towl {
namespace {

constexpr std::int64_t kMicrosecond = 1'000;
constexpr std::int64_t kMillisecondNs = 1'000'000;

struct Name {
  std::string_view name;  // In lower case.
  KnownName known;
};

constexpr Name message(std::string_view name, std::uint8_t rank) { return {name, {Meaning::message, rank}}; }
constexpr Name level(std::string_view name, std::uint8_t rank, LevelScale scale = LevelScale::bunyan) {
  return {name, {Meaning::level, rank, scale}};
}
constexpr Name time(std::string_view name, std::uint8_t rank, std::int64_t unit_ns = 0) {
  return {name, {Meaning::time, rank, LevelScale::bunyan, unit_ns}};
}
constexpr Name sender(std::string_view name, std::uint8_t rank) { return {name, {Meaning::sender, rank}}; }
constexpr Name unit(std::string_view name, std::uint8_t rank) { return {name, {Meaning::unit, rank}}; }
constexpr Name journals(Name name) {
  name.known.is_journals = true;
  return name;
}

// Written so by: systemd.journal-fields(7); ECS (https://www.elastic.co/docs/reference/ecs); OpenTelemetry's logs data
// model and OTLP's JSON; Docker's json-file; GELF 1.1; bunyan, pino, zap, zerolog, slog, logback's logstash encoder,
// log4j2, Serilog's compact format, python-json-logger, structlog, monolog, Google Cloud's LogEntry, Postgres' jsonlog.
constexpr std::array kKnownNames = {
    journals(message("message", 0)),  // MESSAGE comes before the others: see meaning_of().
    message("msg", 2),
    message("short_message", 3),
    message("@m", 4),
    message("log", 5),
    message("body", 6),
    message("textpayload", 7),
    message("event", 8),
    message("@mt", 9),

    journals(level("priority", 0)),
    level("level", 2),
    level("severity", 3),
    level("lvl", 4),
    level("log.level", 5),
    level("severity_text", 6),
    level("severitytext", 7),
    level("levelname", 8),
    level("level_name", 9),
    level("log_level", 10),
    level("loglevel", 11),
    level("@l", 12),
    level("error_severity", 13),
    level("severitynumber", 14, LevelScale::opentelemetry),
    level("severity_number", 15, LevelScale::opentelemetry),
    level("level_value", 16, LevelScale::logback),
    level("s", 17),  // mongod's, and only as it writes it.

    journals(time("_source_realtime_timestamp", 0, kMicrosecond)),
    time("time", 2),
    time("timestamp", 3),
    time("ts", 4),
    time("@timestamp", 5),
    time("datetime", 6),
    time("eventtime", 7),
    time("event_time", 8),
    time("@t", 9),
    time("timeunixnano", 10),
    time("time_unix_nano", 11),
    time("timemillis", 12, kMillisecondNs),
    time("asctime", 13),
    time("date", 14),
    time("t", 15),  // mongod's.
    time("observedtimeunixnano", 16),
    journals(time("__realtime_timestamp", 17, kMicrosecond)),

    sender("sender", 2),
    journals(sender("_hostname", 3)),
    sender("hostname", 4),
    sender("host", 5),
    sender("host.name", 6),
    sender("host.hostname", 7),
    sender("host_name", 8),
    sender("machinename", 9),

    journals(unit("_systemd_unit", 0)),
    journals(unit("unit", 1)),
    journals(unit("object_systemd_unit", 2)),
    journals(unit("_systemd_user_unit", 3)),
    journals(unit("user_unit", 4)),
    unit("service.name", 5),
    unit("service", 6),
};

constexpr std::size_t kMaxKnownNameBytes = 26;
constexpr std::size_t kSlots = 256;
constexpr std::uint8_t kEmpty = 0xFF;
static_assert(kKnownNames.size() < kEmpty);

/// From the length and three letters, in any case: that tells these names apart well.
constexpr std::size_t slot_of(std::string_view name) {
  const auto letter = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(detail::lower_of(name[at])));
  };
  return (name.size() * 37 + letter(0) * 5 + letter(name.size() / 2) * 11 + letter(name.size() - 1) * 3) % kSlots;
}

/// A hash table with linear probing, made when this is compiled.
constexpr auto kTable = [] {
  std::array<std::uint8_t, kSlots> table{};
  for (auto& slot : table) slot = kEmpty;
  for (std::size_t i = 0; i < kKnownNames.size(); ++i) {
    std::size_t slot = slot_of(kKnownNames[i].name);
    while (table[slot] != kEmpty) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

bool same_name(std::string_view name, std::string_view lowered) {
  return name.size() == lowered.size() &&
         std::equal(name.begin(), name.end(), lowered.begin(), [](char a, char b) { return detail::lower_of(a) == b; });
}

bool is_upper(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

KnownName meaning_of(std::string_view name) {
  if (name.empty() || name.size() > kMaxKnownNameBytes) return {};
  for (std::size_t slot = slot_of(name); kTable[slot] != kEmpty; slot = (slot + 1) % kSlots) {
    const Name& found = kKnownNames[kTable[slot]];
    if (!same_name(name, found.name)) continue;
    KnownName known = found.known;
    if (!known.is_journals || is_upper(name)) return known;
    // "message" is no field of the journal, MESSAGE is; "_hostname" is nothing.
    if (found.name.front() == '_') return {};
    known.is_journals = false;
    ++known.rank;
    return known;
  }
  return {};
}

bool is_known_group(std::string_view name) {
  return same_name(name, "log") || same_name(name, "host") || same_name(name, "service");
}

}  // namespace towl
