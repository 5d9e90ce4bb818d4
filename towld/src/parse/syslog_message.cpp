#include "parse/syslog_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "parse/structured_data.hpp"

namespace towld {
namespace {

constexpr int kMaxPriority = 191;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_printable(char c) { return c > ' ' && c < '\x7f'; }

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSyslogNameBytes && std::all_of(text.begin(), text.end(), is_printable);
}

// What a host's name or address is made of.
bool is_host(std::string_view text) {
  const auto allowed = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._:%/@").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kMaxSyslogNameBytes && text.front() != '%' && text.back() != ':' &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

// "<34>"; nothing is taken if there is none, or one that cannot be.
void take_priority(std::string_view& rest, SyslogParts& parts) {
  std::size_t end = 1;
  int value = 0;
  while (end < rest.size() && end <= 3 && is_digit(rest[end])) value = value * 10 + (rest[end++] - '0');
  if (rest.empty() || rest[0] != '<' || end == 1 || end == rest.size() || rest[end] != '>' || value > kMaxPriority) {
    return;
  }
  parts.priority = value;
  if (end > 2 && rest[1] == '0') parts.is_exact = false;
  rest.remove_prefix(end + 1);
}

// A word of RFC 5424's header and the blank after it; "-" is empty.
bool take_word(std::string_view& rest, std::string_view& word) {
  word = first_word(rest);
  if (!is_name(word) || word.size() == rest.size()) return false;
  rest.remove_prefix(word.size() + 1);
  if (word == "-") word = {};
  return true;
}

// RFC 5424, 6, from after the version on. False if that is not what it is; `parts` may then be changed.
bool parse_5424(std::string_view rest, towl::Timestamp received, const towl::TimeZone& zone,
                towl::SyslogTimeCache* cache, SyslogParts& parts) {
  if (rest.starts_with("- ")) {
    rest.remove_prefix(1);
  } else if (const auto time = take_syslog_time(rest, received, zone, cache)) {
    parts.time = *time;
  } else {
    return false;
  }
  if (rest.empty()) return false;
  rest.remove_prefix(1);
  if (!take_word(rest, parts.host) || !take_word(rest, parts.identifier) || !take_word(rest, parts.process_id) ||
      !take_word(rest, parts.message_id)) {
    return false;
  }
  const std::size_t elements = structured_data_bytes(rest);
  if (elements > 0) {
    parts.structured_data = rest.substr(0, elements);
    rest.remove_prefix(elements);
  } else if (rest == "-" || rest.starts_with("- ")) {
    rest.remove_prefix(1);
  } else {
    // Left out, or broken: all of it is text, as some programs mean it.
    parts.is_exact = false;
    parts.text = rest;
    return true;
  }
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  parts.text = rest;
  return true;
}

// "app: ", "app[123]: " or "app[123]:" before the text (RFC 3164, 4.1.3, as everyone writes it).
void take_tag(std::string_view& rest, SyslogParts& parts) {
  std::string_view word = first_word(rest.substr(0, kMaxSyslogNameBytes + 1));
  const bool has_blank = word.ends_with(':') && word.size() < rest.size();
  if (!word.ends_with(':')) word = word.substr(0, word.find("]:") + 2);
  if (!word.ends_with(':')) return;
  std::string_view name = word.substr(0, word.size() - 1);
  std::string_view id;
  const std::size_t open = name.find('[');
  if (name.ends_with(']') && open != std::string_view::npos && open > 0) {
    id = name.substr(open + 1, name.size() - open - 2);
    if (!all_digits(id)) id = {};
    if (!id.empty()) name = name.substr(0, open);
  }
  if (!is_name(name) || (!has_blank && id.empty() && word.size() < rest.size())) return;
  parts.identifier = name;
  parts.process_id = id;
  parts.is_exact &= has_blank;
  rest.remove_prefix(word.size() + (has_blank ? 1 : 0));
}

// "router: " or "router : " before "%FACILITY-…", as Cisco devices write it.
bool take_device(std::string_view& rest, SyslogParts& parts) {
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos || !rest.substr(colon).starts_with(": %")) return false;
  const std::string_view name = rest.substr(0, colon > 0 && rest[colon - 1] == ' ' ? colon - 1 : colon);
  if (!is_host(name)) return false;
  parts.host = name;
  parts.is_exact = false;
  rest.remove_prefix(colon + 2);
  return true;
}

// HOSTNAME and the blank after it, if what follows the time is one.
void take_host(std::string_view& rest, SyslogParts& parts) {
  // syslogd writes this without a host, and without a tag.
  if (rest.starts_with("last message repeated ") || take_device(rest, parts)) return;
  const std::string_view word = first_word(rest.substr(0, kMaxSyslogNameBytes + 1));
  if (!is_host(word) || word.size() == rest.size()) return;
  parts.host = word;
  if (word == "-") {
    parts.host = {};
    parts.is_exact = false;
  }
  rest.remove_prefix(word.size() + 1);
}

// "123: " before a time.
void take_sequence(std::string_view& rest, SyslogParts& parts) {
  constexpr std::size_t kMostDigits = 20;
  const std::size_t end = rest.substr(0, kMostDigits + 1).find(':');
  if (end == std::string_view::npos || !all_digits(rest.substr(0, end)) || !rest.substr(end).starts_with(": ")) return;
  parts.sequence = rest.substr(0, end);
  rest.remove_prefix(end + 2);
}

// "router: " before a time.
std::string_view take_origin(std::string_view& rest) {
  const std::string_view word = first_word(rest.substr(0, kMaxSyslogNameBytes + 2));
  if (!word.ends_with(':') || word.size() == rest.size() || !is_host(word.substr(0, word.size() - 1))) return {};
  rest.remove_prefix(word.size() + 1);
  return word.substr(0, word.size() - 1);
}

// "00:20:10:", "1w2d:" or "3d04h:" before " %FACILITY-…": how long a Cisco device is up, if it has no clock.
bool take_uptime(std::string_view& rest, SyslogParts& parts) {
  constexpr std::size_t kLongest = 16;
  const std::string_view word = first_word(rest.substr(0, kLongest));
  if (!word.ends_with(':') || !rest.substr(word.size()).starts_with(" %")) return false;
  std::string_view time = word.substr(0, word.size() - 1);
  if (time.starts_with('*') || time.starts_with('.')) time.remove_prefix(1);
  const auto allowed = [](char c) {
    return is_digit(c) || std::string_view(":ywdhm").find(c) != std::string_view::npos;
  };
  if (time.size() < 4 || !is_digit(time.front()) || all_digits(time) ||
      !std::all_of(time.begin(), time.end(), allowed)) {
    return false;
  }
  parts.time.text = word;
  parts.is_uptime = true;
  rest.remove_prefix(word.size());
  return true;
}

// RFC 3164, 4.1.2 and 4.1.3, from after the priority on. False if there is no time.
bool parse_header(std::string_view& rest, towl::Timestamp received, const towl::TimeZone& zone,
                  towl::SyslogTimeCache* cache, SyslogParts& parts) {
  std::string_view at = rest;
  SyslogParts with = parts;
  const auto take_time = [&] {
    const auto time = take_syslog_time(at, received, zone, cache);
    if (time) with.time = *time;
    return time || take_uptime(at, with);
  };
  bool has_time = take_time();
  if (!has_time) {
    take_sequence(at, with);
    has_time = take_time();
  }
  if (!has_time) {
    with.host = take_origin(at);
    if (with.host.empty()) return false;
    with.is_exact = false;
    has_time = take_time();
  }
  if (!has_time) return false;
  parts = with;
  rest = at;
  if (rest.empty()) return true;
  rest.remove_prefix(1);
  if (rest.starts_with(' ')) {
    parts.is_exact = false;
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  }
  if (parts.host.empty()) take_host(rest, parts);
  return true;
}

SyslogParts unparsed(std::string_view message, std::optional<int> priority) {
  SyslogParts parts;
  parts.priority = priority;
  parts.text = message;
  return parts;
}

// "1 " after the priority (RFC 5424, 6.2.2: up to three digits, the first not 0).
std::size_t version_bytes(std::string_view rest) {
  const std::size_t end = rest.substr(0, 4).find(' ');
  if (end == std::string_view::npos || !all_digits(rest.substr(0, end)) || rest[0] == '0') return 0;
  return end + 1;
}

/// Sets fields of a draft; of one that had none, without looking for those that are there.
class FieldSetter {
 public:
  explicit FieldSetter(Draft& draft) : draft_(draft), is_empty_(draft.fields.empty()) {}

  void set(std::string_view name, std::string_view value) {
    if (!is_empty_) return draft_.set(name, value);
    Field& field = draft_.fields.emplace_back();
    field.name.assign(name);
    field.value.assign(value);
  }

  void set_if_there(std::string_view name, std::string_view value) {
    if (!value.empty()) set(name, value);
  }

  void set_number(std::string_view name, std::int64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    set(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

 private:
  Draft& draft_;
  const bool is_empty_;
};

}  // namespace

std::string_view without_end_mark(std::string_view message) {
  // In any order, and NUL as often as a buffer of fixed size has it.
  while (message.ends_with('\0')) message.remove_suffix(1);
  if (message.ends_with('\n')) message.remove_suffix(message.ends_with("\r\n") ? 2 : 1);
  while (message.ends_with('\0')) message.remove_suffix(1);
  return message;
}

SyslogParts parse_syslog(std::string_view message, towl::Timestamp received, const towl::TimeZone& zone,
                         towl::SyslogTimeCache* cache) {
  SyslogParts parts;
  std::string_view rest = message;
  take_priority(rest, parts);
  const auto priority = parts.priority;
  if (const std::size_t version = priority ? version_bytes(rest) : 0; version > 0) {
    if (!parse_5424(rest.substr(version), received, zone, cache, parts)) return unparsed(message, priority);
    // The parts do not say another one.
    if (rest.substr(0, version) != "1 ") parts.is_exact = false;
    parts.form = SyslogForm::rfc5424;
  } else {
    const bool has_header = parse_header(rest, received, zone, cache, parts);
    if (!has_header && !priority) return unparsed(message, priority);
    take_tag(rest, parts);
    parts.text = rest;
    parts.form = SyslogForm::rfc3164;
  }
  const bool is_inexact = !parts.is_exact || count_parameters(parts.structured_data) > kMaxSyslogParameters;
  parts.is_exact = !is_inexact;
  if (is_inexact && message.size() > kMaxSyslogRawBytes) return unparsed(message, priority);
  return parts;
}

void set_syslog_fields(const SyslogParts& parts, std::string_view message, Draft& draft) {
  FieldSetter fields(draft);
  if (parts.priority) {
    fields.set_number(field::kPriority, *parts.priority % 8);
    fields.set_number(field::kFacility, *parts.priority / 8);
  }
  fields.set_if_there(field::kIdentifier, parts.identifier);
  fields.set_if_there(field::kProcessId, parts.process_id);
  fields.set_if_there(field::kMessageId, parts.message_id);
  // A time before 1970 is a clock that was never set.
  if (parts.time.instant && *parts.time.instant >= 0) {
    draft.time = parts.time.instant;
    fields.set_number(field::kSourceTime, *parts.time.instant / 1000);
  } else if (!parts.time.text.empty() && !parts.is_uptime) {
    draft.is_time_unreadable = true;
  }
  if (!parts.time.is_instant) fields.set_if_there(field::kSyslogTimestamp, parts.time.text);
  fields.set_if_there(field::kHost, parts.host);
  if (!parts.host.empty()) draft.sender.assign(parts.host);
  fields.set_if_there(field::kSyslogSequence, parts.sequence);
  if (!parts.structured_data.empty()) set_structured_data(parts.structured_data, kMaxSyslogParameters, draft);
  if (parts.form == SyslogForm::unparsed) {
    fields.set(field::kUnparsed, "syslog");
  } else if (!parts.is_exact) {
    fields.set(field::kSyslogRaw, message);
  }
}

SyslogForm fill_from_syslog(std::string_view message, towl::Timestamp received, std::string_view peer,
                            const towl::TimeZone& zone, Draft& draft, towl::SyslogTimeCache* cache) {
  message = without_end_mark(message);
  SyslogParts parts = parse_syslog(message, received, zone, cache);
  if (!parts.priority) {
    if (message.size() > kMaxSyslogRawBytes) parts = unparsed(message, {});
    parts.priority = kDefaultSyslogPriority;
    parts.is_exact = false;
  }
  if (parts.host.empty()) parts.host = peer;
  set_syslog_fields(parts, message, draft);
  draft.received = received;
  draft.text.assign(parts.text);
  return parts.form;
}

}  // namespace towld
