// docker, cri: lines as container runtimes keep them.
//
//     docker  {"log":"text\\n","stream":"stdout","attrs":{…},"time":"2024-10-16T09:00:00.123456789Z"}   (json-file)
//     cri     2024-10-16T09:00:00.123456789Z stdout F text                                        (containerd, CRI-O)
//
// Fields: stream; the others are kept as they are. The time becomes the event time. Runtimes cut lines at 16 KiB:
// docker leaves the newline out at the end of all parts but the last, CRI marks them with P. Such drafts are partial
// (Draft::is_partial); parts are put together, each stream's, if the source keeps what waits (JoinState).
#include <algorithm>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "config/part_type.hpp"
#include "parse/members.hpp"
#include "parse/parser_type.hpp"
#include "towl/record/event_time.hpp"
#include "towl/record/json_reader.hpp"

namespace towld {
namespace {

constexpr std::string_view kStream = "stream";

bool is_stream(std::string_view text) { return text == "stdout" || text == "stderr"; }

class DockerParser : public Parser {
 public:
  Outcome apply(Draft& draft) const override {
    auto reader = take();
    const bool done = read(*reader, draft);
    reader->release();
    give_back(std::move(reader));
    return done ? Outcome::done : Outcome::failed;
  }
  bool is_of_containers() const override { return true; }

 private:
  bool read(towl::JsonReader& reader, Draft& draft) const {
    const auto members = reader.read(draft.text);
    if (!members) return false;
    const towl::JsonMember* log = nullptr;
    const towl::JsonMember* stream = nullptr;
    const towl::JsonMember* time = nullptr;
    for (const towl::JsonMember& member : *members) {
      if (member.kind != towl::JsonKind::string) continue;
      if (member.name == "log") log = &member;
      if (member.name == kStream) stream = &member;
      if (member.name == "time") time = &member;
    }
    if (log == nullptr || stream == nullptr || time == nullptr || !is_stream(stream->text)) return false;
    for (const towl::JsonMember& member : *members) {
      if (&member == log || &member == time) continue;
      const bool is_text = member.kind == towl::JsonKind::string;
      draft.set(member.name, is_text ? member.text : member.json, !is_text);
    }
    const auto when = towl::read_event_time(time->text, zone_, draft.received);
    if (when) draft.time = *when;
    draft.is_time_unreadable = !when;
    draft.is_partial = !log->text.ends_with('\n');
    std::string_view text = log->text;
    if (!draft.is_partial) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
    draft.text = std::string(text);
    return true;
  }

  std::unique_ptr<towl::JsonReader> take() const {
    std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<towl::JsonReader>();
    auto one = std::move(free_.back());
    free_.pop_back();
    return one;
  }

  void give_back(std::unique_ptr<towl::JsonReader> one) const {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(one));
  }

  const towl::TimeZone zone_ = {};
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<towl::JsonReader>> free_;
};

class CriParser : public Parser {
 public:
  Outcome apply(Draft& draft) const override {
    std::string_view rest = draft.text;
    const auto take_word = [&] {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      return word;
    };
    const std::string_view time = take_word();
    const std::string_view stream = take_word();
    const std::string_view tags = take_word();
    // The first of the tags; there may be more, after colons.
    const std::string_view tag = tags.substr(0, tags.find(':'));
    if (!is_stream(stream) || (tag != "F" && tag != "P")) return Outcome::failed;
    const auto when = towl::read_event_time(time, zone_, draft.received);
    if (!when) return Outcome::failed;
    draft.time = *when;
    draft.is_time_unreadable = false;
    draft.set(kStream, stream);
    draft.is_partial = tag == "P";
    draft.text.erase(0, draft.text.size() - rest.size());
    return Outcome::done;
  }
  bool is_of_containers() const override { return true; }

 private:
  const towl::TimeZone zone_ = {};
};

template <class T>
MadeParser make_container_parser(const Settings&, const std::string&) {
  return std::make_unique<T>();
}

}  // namespace

extern const ParserType kDockerParser = {"docker", read_no_settings, make_container_parser<DockerParser>};
extern const ParserType kCriParser = {"cri", read_no_settings, make_container_parser<CriParser>};

}  // namespace towld
