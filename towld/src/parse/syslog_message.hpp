// parse_syslog reads one syslog message: RFC 5424, or RFC 3164 and what is sent in its name. The two are told apart by
// the version after the priority; one other than 1 is read as 1, and kept in SYSLOG_RAW.
//
// What of a message goes where, in systemd's terms (systemd.journal-fields(7)), as in the journal:
//   <PRI>        PRIORITY and SYSLOG_FACILITY, as numbers. Without one a message from the network has 13
//                (RFC 3164, 4.3.3): PRIORITY 5, SYSLOG_FACILITY 1.
//   TIMESTAMP    _SOURCE_REALTIME_TIMESTAMP, in microseconds; its text in SYSLOG_TIMESTAMP if that says more than
//                the instant does, or less: another zone than UTC, more digits, no year or zone, no real date.
//   HOSTNAME     _HOSTNAME and the entry's sender; if there is none, the peer's address is.
//   APP-NAME, PROCID, MSGID, and RFC 3164's TAG: SYSLOG_IDENTIFIER, SYSLOG_PID, SYSLOG_MSGID.
//   [ID PARAM="VALUE"]   SD.ID.PARAM; a further PARAM of the same name is SD.ID.PARAM.2, and so on; an element without
//                parameters is an empty SD.ID.
//   12345:       SYSLOG_SEQUENCE, the number that Cisco devices put before it.
//   MSG          the text, without the byte order mark.
// One newline and one NUL at the message's end belong to how it was sent; they are dropped. If anything else is not
// in these fields, or the message could not be written again from them, SYSLOG_RAW has all of it. What cannot
// be read at all is the text as it came, with TOWL_UNPARSED=syslog.
//
// Pure and linear in the message's length; nothing is allocated but the draft's own strings. Views are into the
// message.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "parse/draft.hpp"
#include "towl/record/syslog_time.hpp"
#include "towl/record/time_zone.hpp"
#include "towl/time.hpp"

namespace towld {

namespace field {
inline constexpr std::string_view kFacility = "SYSLOG_FACILITY";
inline constexpr std::string_view kProcessId = "SYSLOG_PID";
inline constexpr std::string_view kMessageId = "SYSLOG_MSGID";
inline constexpr std::string_view kSyslogTimestamp = "SYSLOG_TIMESTAMP";
inline constexpr std::string_view kSyslogSequence = "SYSLOG_SEQUENCE";
inline constexpr std::string_view kSyslogRaw = "SYSLOG_RAW";
/// Before the names of structured data.
inline constexpr std::string_view kStructuredPrefix = "SD.";
}  // namespace field

/// RFC 3164, 4.3.3: facility user, severity notice.
inline constexpr int kDefaultSyslogPriority = 13;
/// Longer names are not taken for hosts, tags or parameters: RFC 5424 allows 255 for a host, and less for the others.
inline constexpr std::size_t kMaxSyslogNameBytes = 255;
/// More parameters of a message are left in SYSLOG_RAW: names are compared with each other.
inline constexpr std::size_t kMaxSyslogParameters = 128;
/// A longer message that would need SYSLOG_RAW is stored as it came instead: it would be stored twice.
inline constexpr std::size_t kMaxSyslogRawBytes = std::size_t{64} << 10;

enum class SyslogForm { rfc5424, rfc3164, unparsed };

/// The parts of a message; those that it does not have, or has as "-", are empty.
struct SyslogParts {
  SyslogForm form = SyslogForm::unparsed;
  std::optional<int> priority = {};  ///< Facility times eight and severity. May be there if the rest is unparsed.
  towl::SyslogTime time = {};
  std::string_view sequence = {};
  std::string_view host = {};
  std::string_view identifier = {};
  std::string_view process_id = {};
  std::string_view message_id = {};
  std::string_view structured_data = {};  ///< Whole elements, checked.
  std::string_view text = {};             ///< The end of the message; all of it if it is unparsed.
  bool is_uptime = false;                 ///< `time` is since the device's start: no instant.
  bool is_exact = true;                   ///< The message could be written again from the parts.
};

/// The message without what only marks its end: a newline, NULs.
std::string_view without_end_mark(std::string_view message);

/// Takes a message (without end mark) apart. `received` is when it arrived, for the year; `zone` is that of times
/// without one.
SyslogParts parse_syslog(std::string_view message, towl::Timestamp received, const towl::TimeZone& zone,
                         towl::SyslogTimeCache* cache = nullptr);

/// Sets the fields of `parts` of `message`, and the sender if there is a host; the draft's text is left alone.
void set_syslog_fields(const SyslogParts& parts, std::string_view message, Draft& draft);

/// The same for a message from the network: with its text, its time of arrival, and what `peer` (an address, or "")
/// and the default priority stand in for.
SyslogForm fill_from_syslog(std::string_view message, towl::Timestamp received, std::string_view peer,
                            const towl::TimeZone& zone, Draft& draft, towl::SyslogTimeCache* cache = nullptr);

}  // namespace towld
