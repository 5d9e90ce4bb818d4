// loki: Loki's push API (https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs), as JSON and as
// protobuf in a block of snappy.
//
// The line is the text, labels and structured metadata are fields; a label for the level or the host is understood.
// Answer: 204. What cannot be read refuses the request: the protocol has no partial success.
#include <snappy.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "inputs/http/entry_fields.hpp"
#include "inputs/http/http_protocol.hpp"
#include "inputs/http/loki/loki_labels.hpp"
#include "inputs/http/proto_reader.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

using Json = nlohmann::json;

constexpr std::array<InputPath, 4> kPaths = {
    {{"/loki/api/v1/push"}, {"/insert/loki/api/v1/push"}, {"/insert/loki/ready", true}, {"/loki/ready", true}}};
constexpr int kMaxDepth = 32;

towl::Error wrong(std::string what) { return {towl::ErrorCode::invalid_argument, std::move(what), {}}; }

class LokiProtocol final : public HttpProtocol {
 public:
  std::unique_ptr<HttpProtocol> another() const override { return std::make_unique<LokiProtocol>(); }
  bool takes(std::string_view type) const override {
    return type == "application/json" || type == "application/x-protobuf" || type.empty();
  }
  std::string_view taken_types() const override { return "application/json or application/x-protobuf"; }

  std::optional<HttpResponse> answer(const HttpRequest& request) override {
    if (request.path.ends_with("/ready")) return HttpResponse{.body = "ready\n", .content_type = "text/plain"};
    return std::nullopt;
  }

  towl::Result<void> read(HttpRequest& request, HttpEntries& entries) override {
    const bool is_json = request.header("Content-Type").starts_with("application/json");
    return is_json ? read_json(request.body, entries) : read_protobuf(request.body, entries);
  }

  HttpResponse stored(const HttpCounts&) const override { return {.status = 204}; }

 private:
  towl::Result<void> take(const EntryFields& labels, const Labels& metadata, std::string_view line,
                          std::optional<towl::Timestamp> time, HttpEntries& entries) {
    Draft& draft = entries.draft();
    draft.text.assign(line);
    labels.put(draft);
    for (const auto& [name, value] : metadata) draft.set(name, value);
    if (time) draft.time = *time;
    if (const auto taken = entries.take(); !taken) return entries.refuse(taken.error(), 1);
    return {};
  }

  // {"streams":[{"stream":{"app":"shop"},"values":[["1768660200000000000","line",{"trace":"…"}]]}]}
  towl::Result<void> read_json(const std::string& body, HttpEntries& entries) {
    const auto is_shallow = [](int depth, Json::parse_event_t, Json&) { return depth < kMaxDepth; };
    const Json push = Json::parse(body, is_shallow, false);
    if (!push.is_object() || !push.contains("streams") || !push["streams"].is_array()) {
      return towl::fail(wrong("an object with `streams` is expected"));
    }
    for (const Json& stream : push["streams"]) {
      const bool is_stream = stream.is_object() && stream.contains("values") && stream["values"].is_array();
      if (!is_stream) return entries.refuse(wrong("a stream must have `values`"), 1);
      EntryFields labels;
      if (stream.contains("stream") && stream["stream"].is_object()) {
        for (const auto& [name, value] : stream["stream"].items()) {
          labels.add(name, value.is_string() ? value.get_ref<const std::string&>() : value.dump());
        }
      }
      for (const Json& value : stream["values"]) {
        if (auto done = take_value(labels, value, entries); !done) return done;
      }
    }
    return {};
  }

  towl::Result<void> take_value(const EntryFields& labels, const Json& value, HttpEntries& entries) {
    if (!value.is_array() || value.size() < 2 || !value[1].is_string()) {
      return entries.refuse(wrong(R"(a value must be ["TIME","LINE"] or ["TIME","LINE",{METADATA}])"), 1);
    }
    const std::string text = value[0].is_string() ? value[0].get<std::string>() : value[0].dump();
    towl::Timestamp time = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), time);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
      return entries.refuse(wrong("the time must be nanoseconds since the epoch"), 1);
    }
    Labels metadata;
    if (value.size() > 2 && value[2].is_object()) {
      for (const auto& [name, one] : value[2].items()) {
        metadata.emplace_back(name, one.is_string() ? one.get<std::string>() : one.dump());
      }
    }
    return take(labels, metadata, value[1].get_ref<const std::string&>(), time, entries);
  }

  // PushRequest { repeated Stream streams = 1 }
  towl::Result<void> read_protobuf(const std::string& body, HttpEntries& entries) {
    std::size_t bytes = 0;
    if (!snappy::GetUncompressedLength(body.data(), body.size(), &bytes)) return towl::fail(wrong("not snappy"));
    if (bytes > entries.limits().decompressed_bytes) {
      return towl::fail(towl::ErrorCode::entry_too_large, "too large when decompressed");
    }
    std::string message;
    if (!snappy::Uncompress(body.data(), body.size(), &message)) return towl::fail(wrong("not snappy"));
    ProtoReader push(message);
    while (push.next()) {
      if (push.field() != 1) {
        push.skip();
        continue;
      }
      if (auto done = read_stream(push.bytes(), entries); !done) return done;
    }
    return push.ok() ? towl::Result<void>{} : entries.refuse(wrong("not a PushRequest"), 1);
  }

  // Stream { string labels = 1; repeated Entry entries = 2 }
  towl::Result<void> read_stream(std::string_view message, HttpEntries& entries) {
    EntryFields fields;
    ProtoReader labels_only(message);
    while (labels_only.next()) {
      if (labels_only.field() != 1) {
        labels_only.skip();
        continue;
      }
      const auto labels = parse_labels(labels_only.bytes());
      if (!labels) return entries.refuse(labels.error(), 1);
      for (const auto& [name, value] : *labels) fields.add(name, value);
    }
    ProtoReader stream(message);
    while (stream.next()) {
      if (stream.field() != 2) {
        stream.skip();
        continue;
      }
      if (auto done = read_entry(fields, stream.bytes(), entries); !done) return done;
    }
    return stream.ok() ? towl::Result<void>{} : entries.refuse(wrong("not a PushRequest"), 1);
  }

  // Entry { Timestamp { seconds = 1, nanos = 2 } timestamp = 1; string line = 2; repeated LabelPair { name = 1,
  // value = 2 } structuredMetadata = 3 }
  towl::Result<void> read_entry(const EntryFields& labels, std::string_view message, HttpEntries& entries) {
    std::optional<towl::Timestamp> time;
    std::string_view line;
    Labels metadata;
    ProtoReader entry(message);
    bool ok = true;
    while (entry.next()) {
      if (entry.field() == 1) {
        ProtoReader parts(entry.bytes());
        std::int64_t seconds = 0;
        std::int64_t nanos = 0;
        while (parts.next()) {
          const int field = parts.field();
          const auto number = static_cast<std::int64_t>(parts.number());
          (field == 1 ? seconds : nanos) = number;
        }
        ok = ok && parts.ok() && seconds >= 0 && seconds < INT64_MAX / towl::kNanosecondsPerSecond && nanos >= 0 &&
             nanos < towl::kNanosecondsPerSecond;
        if (ok) time = seconds * towl::kNanosecondsPerSecond + nanos;
      } else if (entry.field() == 2) {
        line = entry.bytes();
      } else if (entry.field() == 3) {
        ProtoReader pair(entry.bytes());
        auto& [name, value] = metadata.emplace_back();
        while (pair.next()) (pair.field() == 1 ? name : value) = std::string(pair.bytes());
        ok = ok && pair.ok();
      } else {
        entry.skip();
      }
    }
    if (!ok || !entry.ok()) return entries.refuse(wrong("not a PushRequest"), 1);
    return take(labels, metadata, line, time, entries);
  }
};

std::unique_ptr<HttpProtocol> make() { return std::make_unique<LokiProtocol>(); }

}  // namespace

extern const HttpProtocolType kLokiProtocol = {"loki", kPaths, make};

}  // namespace towld
