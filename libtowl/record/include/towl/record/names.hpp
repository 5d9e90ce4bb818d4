// What the members and fields of entries are called: the one table of names.
#pragma once

#include <cstdint>
#include <string_view>

#include "towl/record/level.hpp"

namespace towl {

/// Fields with a meaning of their own: those of systemd.journal-fields(7), and ours.
namespace field {
inline constexpr std::string_view kMessage = "MESSAGE";
inline constexpr std::string_view kPriority = "PRIORITY";  ///< syslog's severities, "0" emergency to "7" debug.
inline constexpr std::string_view kIdentifier = "SYSLOG_IDENTIFIER";
inline constexpr std::string_view kHost = "_HOSTNAME";
/// Microseconds since the epoch: when the source says that it happened.
inline constexpr std::string_view kSourceTime = "_SOURCE_REALTIME_TIMESTAMP";
/// Microseconds since the epoch: when the journal, or towl, received it.
inline constexpr std::string_view kReceived = "__REALTIME_TIMESTAMP";
/// The parser or protocol that could not make sense of the text, which is stored as it came.
inline constexpr std::string_view kUnparsed = "TOWL_UNPARSED";
/// The text was cut to the limit; this is how many bytes it had.
inline constexpr std::string_view kOriginalBytes = "TOWL_ORIGINAL_BYTES";
/// Fields that were cut or left out to keep to the limit, an object: their names, and how many bytes they had.
inline constexpr std::string_view kCut = "TOWL_CUT";
}  // namespace field

/// What a member of an entry's object says.
enum class Meaning : std::uint8_t { none, message, level, time, sender, unit };

struct KnownName {
  Meaning meaning = Meaning::none;
  /// Of several members with one meaning, the one with the lowest rank that can be understood counts.
  std::uint8_t rank = 0;
  LevelScale scale = LevelScale::bunyan;  ///< Of a level.
  std::int64_t unit_ns = 0;               ///< Of a time that is a number; 0: told by its size.
  bool is_journals = false;               ///< The journal's own name, which readers know.
};

/// What a member called `name` says. Names are known as journald, syslog, ECS, OpenTelemetry, Docker, GELF, bunyan,
/// pino, logback, zap and others write them, in any case. A dotted name ("log.level") also means the member "level" of
/// an object "log".
KnownName meaning_of(std::string_view name);

/// True if `name` is the first part of a dotted name in the table: "log", "host", "service".
bool is_known_group(std::string_view name);

}  // namespace towl
