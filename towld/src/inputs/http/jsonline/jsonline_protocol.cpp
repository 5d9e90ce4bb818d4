// jsonline: JSON lines as VictoriaLogs takes them
// (https://docs.victoriametrics.com/victorialogs/data-ingestion/#json-stream-api).
//
// The query, or headers VL-Msg-Field, VL-Time-Field, …, say what the members are called: _msg_field, _time_field (of
// several the first that is there), ignore_fields, and extra_fields (name=value, which each entry gets). _stream_fields
// has no meaning here. A line that cannot be read is stored as it came, and marked. Answer: 200, without a body.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "http/url.hpp"
#include "inputs/http/http_protocol.hpp"
#include "towl/record/json_reader.hpp"
#include "towl/record/members.hpp"

namespace towld {
namespace {

constexpr std::array<InputPath, 1> kPaths = {{{"/insert/jsonline"}}};

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto part = list.substr(0, list.find(','));
    if (!part.empty()) parts.emplace_back(part);
    list.remove_prefix(std::min(list.size(), part.size() + 1));
  }
  return parts;
}

/// What a request says about its members.
struct Wanted {
  std::vector<std::string> message;
  std::vector<std::string> time;
  std::vector<std::string> ignored;
  std::vector<std::pair<std::string, std::string>> extra;
};

Wanted wanted_of(const HttpRequest& request) {
  const auto query = parse_query(request.query).value_or(std::map<std::string, std::string>{});
  const auto list = [&](const char* name, const char* header) {
    const auto found = query.find(name);
    return split(found != query.end() ? std::string_view(found->second) : request.header(header));
  };
  Wanted wanted{list("_msg_field", "VL-Msg-Field"),
                list("_time_field", "VL-Time-Field"),
                list("ignore_fields", "VL-Ignore-Fields"),
                {}};
  for (const std::string& one : list("extra_fields", "VL-Extra-Fields")) {
    const auto equals = one.find('=');
    if (equals != std::string::npos) wanted.extra.emplace_back(one.substr(0, equals), one.substr(equals + 1));
  }
  if (wanted.message.empty()) wanted.message = {"_msg"};
  if (wanted.time.empty()) wanted.time = {"_time"};
  return wanted;
}

class JsonlineProtocol final : public HttpProtocol {
 public:
  std::unique_ptr<HttpProtocol> another() const override { return std::make_unique<JsonlineProtocol>(); }
  bool takes(std::string_view) const override { return true; }  // Clients say all kinds of things.
  std::string_view taken_types() const override { return "application/x-ndjson"; }

  towl::Result<void> read(HttpRequest& request, HttpEntries& entries) override {
    const Wanted wanted = wanted_of(request);
    std::string_view rest = request.body;
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      const auto members = reader_.read(line);
      const auto taken = members ? take(*members, wanted, entries) : entries.mark(line, members.error());
      if (!taken) return entries.refuse(taken.error(), 1);
    }
    return {};
  }

  HttpResponse stored(const HttpCounts&) const override { return {.status = 200}; }

 private:
  towl::Result<void> take(std::span<const towl::JsonMember> members, const Wanted& wanted, HttpEntries& entries) {
    std::vector<towl::JsonMember> kept;
    kept.reserve(members.size());
    const auto first_of = [&](const std::vector<std::string>& names) -> std::string_view {
      for (const std::string& name : names) {
        for (const towl::JsonMember& member : members) {
          if (member.name == name && !member.text.empty()) return member.name;
        }
      }
      return {};
    };
    const std::string_view message = first_of(wanted.message);
    const std::string_view time = first_of(wanted.time);
    for (towl::JsonMember member : members) {
      if (std::find(wanted.ignored.begin(), wanted.ignored.end(), member.name) != wanted.ignored.end()) continue;
      if (!message.empty() && member.name == message) {
        member.name = field::kMessage;
      } else if (!time.empty() && member.name == time) {
        member.name = "time";
        // "0" is now.
        if (member.text == "0") continue;
      }
      kept.push_back(member);
    }
    Draft& draft = entries.draft();
    for (const auto& [name, value] : wanted.extra) draft.set(name, value);
    towl::put_members(kept, true, zone_, draft);
    draft.may_lack_message = true;
    return entries.take();
  }

  towl::JsonReader reader_;
  const towl::TimeZone zone_ = towl::TimeZone::local();
};

std::unique_ptr<HttpProtocol> make() { return std::make_unique<JsonlineProtocol>(); }

}  // namespace

extern const HttpProtocolType kJsonlineProtocol = {"jsonline", kPaths, make};

}  // namespace towld
