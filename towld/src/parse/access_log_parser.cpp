// common, combined: access logs as Apache's httpd and nginx write them.
//
//     192.0.2.7 - alice [17/Jan/2026:14:30:00 +0100] "GET /a?b HTTP/1.1" 200 512 "https://x.example/" "Mozilla/5.0"
//     www.example.org:443 192.0.2.7 - alice [17/Jan/2026:14:30:00 +0100] …
//
// Fields: vhost, remote_addr, ident, remote_user, method, path, protocol (or request, if it is not of three words),
// status, bytes, referer, user_agent; what is "-" is left out. What follows is passed over. The text stays.
// A user's name may have blanks: it ends where the time begins. The virtual host (Apache's vhost_combined) is told by
// what follows it: the client's address.
#include <algorithm>
#include <utility>

#include "config/part_type.hpp"
#include "parse/parser_type.hpp"
#include "towl/record/event_time.hpp"

namespace towld {
namespace {

/// Takes a text apart from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  /// Up to the next blank, which is taken as well.
  bool word(std::string_view& word) {
    const auto end = rest_.find(' ');
    word = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return !word.empty();
  }

  /// Up to the time in brackets, without the blank before it, which is taken.
  bool until_time(std::string_view& before) {
    for (std::size_t at = rest_.find(" ["); at != std::string_view::npos; at = rest_.find(" [", at + 1)) {
      const std::string_view time = rest_.substr(at + 2);
      if (time.size() < 3 || time[2] != '/' || !is_digit(time[0]) || !is_digit(time[1])) continue;
      before = rest_.substr(0, at);
      rest_.remove_prefix(at + 1);
      return true;
    }
    return false;
  }

  /// `open`…`close` and the blank after it. A backslash hides what follows.
  bool enclosed(char open, char close, std::string_view& inside) {
    if (!rest_.starts_with(open)) return false;
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != close) end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) return false;
    inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (rest_.starts_with(' ')) rest_.remove_prefix(1);
    return true;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view rest_;
};

struct AccessEntry {
  std::string_view vhost;
  std::string_view remote_addr;
  std::string_view ident;
  std::string_view remote_user;
  std::string_view time;
  std::string_view request;
  std::string_view status;
  std::string_view bytes;
  std::string_view referer;
  std::string_view user_agent;
};

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// An address, and no name: hexadecimal groups and colons, or four numbers.
bool is_address(std::string_view text) {
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
    return std::count(text.begin(), text.end(), '.') == 3;
  }
  return text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos &&
         std::count(text.begin(), text.end(), ':') >= 2;
}

/// "www.example.org:443", and no address of IPv6.
bool is_name_with_port(std::string_view text) {
  const auto colon = text.rfind(':');
  return colon != std::string_view::npos && is_number(text.substr(colon + 1)) &&
         (text.find(':') == colon || text[colon - 1] == ']');
}

/// "[VHOST ]ADDRESS IDENT USER", the user with blanks or without.
bool read_client(std::string_view text, AccessEntry& entry) {
  const auto take_word = [&](std::string_view& word) {
    const auto end = text.find(' ');
    if (end == 0 || end == std::string_view::npos) return false;
    word = text.substr(0, end);
    text.remove_prefix(end + 1);
    return true;
  };
  if (!take_word(entry.remote_addr) || !take_word(entry.ident)) return false;
  const auto rest = text;
  std::string_view third;
  if (take_word(third) && (is_address(entry.ident) || (is_name_with_port(entry.remote_addr) && entry.ident != "-"))) {
    entry.vhost = entry.remote_addr;
    entry.remote_addr = entry.ident;
    entry.ident = third;
  } else {
    text = rest;
  }
  entry.remote_user = text;
  return !text.empty();
}

/// Written as "17/Jan/2026:14:30:00 +0100", whether there is such a time or not.
bool is_time(std::string_view text) {
  constexpr std::string_view kShape = "00/Mon/0000:00:00:00 +0000";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto month = text.size() == kShape.size() ? kMonths.find(text.substr(3, 3)) : std::string_view::npos;
  if (month == std::string_view::npos || month % 3 != 0) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !is_digit : std::string_view("/: ").find(kShape[i]) != std::string_view::npos) {
      if (kShape[i] == '0' || text[i] != kShape[i]) return false;
    }
  }
  return true;
}

class AccessLogParser : public Parser {
 public:
  explicit AccessLogParser(bool combined) : combined_(combined) {}

  Outcome apply(Draft& draft) const override {
    // The views die with the text, which set() leaves alone.
    AccessEntry entry;
    Scanner scanner(draft.text);
    std::string_view client;
    if (!scanner.until_time(client) || !read_client(client, entry) || !scanner.enclosed('[', ']', entry.time) ||
        !scanner.enclosed('"', '"', entry.request) || !scanner.word(entry.status) || !scanner.word(entry.bytes)) {
      return Outcome::failed;
    }
    if (combined_ && (!scanner.enclosed('"', '"', entry.referer) || !scanner.enclosed('"', '"', entry.user_agent))) {
      return Outcome::failed;
    }
    if (!is_time(entry.time) || !is_number(entry.status) || (entry.bytes != "-" && !is_number(entry.bytes)))
      return Outcome::failed;
    const auto time = towl::read_event_time(entry.time, towl::TimeZone(), draft.received);
    put(entry, draft);
    // 30 February is no time, and no reason to lose the rest.
    draft.is_time_unreadable = !time;
    if (time) draft.set_time(*time);
    return Outcome::done;
  }

 private:
  static void put(const AccessEntry& entry, Draft& draft) {
    const auto set = [&](std::string_view name, std::string_view value, bool is_number_value = false) {
      // JSON has no leading zeros.
      const bool is_json = is_number_value && (value.size() == 1 || !value.starts_with('0'));
      if (!value.empty() && value != "-") draft.set(name, value, is_json);
    };
    set("vhost", entry.vhost);
    set("remote_addr", entry.remote_addr);
    set("ident", entry.ident);
    set("remote_user", entry.remote_user);
    const auto first = entry.request.find(' ');
    const auto last = entry.request.rfind(' ');
    if (first != std::string_view::npos && first != last) {
      set("method", entry.request.substr(0, first));
      set("path", entry.request.substr(first + 1, last - first - 1));
      set("protocol", entry.request.substr(last + 1));
    } else {
      set("request", entry.request);
    }
    set("status", entry.status, true);
    set("bytes", entry.bytes, true);
    set("referer", entry.referer);
    set("user_agent", entry.user_agent);
  }

  bool combined_;
};

template <bool combined>
MadeParser make_access_log_parser(const Settings&, const std::string&) {
  return std::make_unique<AccessLogParser>(combined);
}

}  // namespace

extern const ParserType kCommonParser = {"common", read_no_settings, make_access_log_parser<false>};
extern const ParserType kCombinedParser = {"combined", read_no_settings, make_access_log_parser<true>};

}  // namespace towld
