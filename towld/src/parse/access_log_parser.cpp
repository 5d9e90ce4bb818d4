// common, combined: access logs as Apache's httpd and nginx write them.
//
//     192.0.2.7 - alice [17/Jan/2026:14:30:00 +0100] "GET /a?b HTTP/1.1" 200 512 "https://x.example/" "Mozilla/5.0"
//
// Fields: remote_addr, ident, remote_user, method, path, protocol (or request, where it is not of three words), status,
// bytes, referer, user_agent; what is "-" is left out. What follows is passed over. The text stays.
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

  /// `open`…`close` and the blank behind it. A backslash hides what follows.
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
  std::string_view rest_;
};

struct AccessEntry {
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

/// 17/Jan/2026:14:30:00 +0100
std::optional<towl::Timestamp> read_time(std::string_view text, towl::Timestamp near) {
  constexpr std::string_view kShape = "17/Jan/2026:14:30:00 +0100";
  if (text.size() != kShape.size() || text[2] != '/' || text[20] != ' ') return std::nullopt;
  return towl::read_event_time(text, towl::TimeZone(), near);
}

class AccessLogParser : public Parser {
 public:
  explicit AccessLogParser(bool combined) : combined_(combined) {}

  Outcome apply(Draft& draft) const override {
    // The views die with the text, which set() leaves alone.
    AccessEntry entry;
    Scanner scanner(draft.text);
    if (!scanner.word(entry.remote_addr) || !scanner.word(entry.ident) || !scanner.word(entry.remote_user) ||
        !scanner.enclosed('[', ']', entry.time) || !scanner.enclosed('"', '"', entry.request) ||
        !scanner.word(entry.status) || !scanner.word(entry.bytes)) {
      return Outcome::failed;
    }
    if (combined_ && (!scanner.enclosed('"', '"', entry.referer) || !scanner.enclosed('"', '"', entry.user_agent))) {
      return Outcome::failed;
    }
    const auto time = read_time(entry.time, draft.received);
    if (!time || !is_number(entry.status) || (entry.bytes != "-" && !is_number(entry.bytes))) return Outcome::failed;
    put(entry, draft);
    draft.set_time(*time);
    return Outcome::done;
  }

 private:
  static void put(const AccessEntry& entry, Draft& draft) {
    const auto set = [&](std::string_view name, std::string_view value, bool is_number_value = false) {
      // JSON has no leading zeros.
      const bool is_json = is_number_value && (value.size() == 1 || !value.starts_with('0'));
      if (!value.empty() && value != "-") draft.set(name, value, is_json);
    };
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
MadeParser make(const Settings&, const std::string&) {
  return std::make_unique<AccessLogParser>(combined);
}

}  // namespace

extern const ParserType kCommonParser = {"common", read_no_settings, make<false>};
extern const ParserType kCombinedParser = {"combined", read_no_settings, make<true>};

}  // namespace towld
