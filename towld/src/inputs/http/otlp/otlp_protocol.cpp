// otlp: OpenTelemetry's logs over HTTP, as protobuf and as JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
//
// The body is the text; attributes of the record, the scope and the resource are fields under their names, the record's
// first; also severity_text, trace_id, span_id, event_name and scope.name. The severity becomes the level, host.name
// the sender. Answer: 200 and an ExportLogsServiceResponse in the request's own encoding: empty, all is stored; or with
// how many records could not be read (partial_success): these are kept among what is rejected.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "inputs/http/entry_fields.hpp"
#include "inputs/http/http_protocol.hpp"
#include "inputs/http/proto_reader.hpp"
#include "towl/record/json_text.hpp"
#include "towl/record/level.hpp"

namespace towld {
namespace {

using Element = simdjson::dom::element;

constexpr std::array<InputPath, 2> kPaths = {{{"/v1/logs"}, {"/insert/opentelemetry/v1/logs"}}};
constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxJsonDepth = 128;
constexpr std::size_t kLeastJsonBytes = 1024;
constexpr std::string_view kJson = "json";
constexpr std::string_view kProtobuf = "protobuf";

towl::Error wrong(std::string what) { return {towl::ErrorCode::invalid_argument, std::move(what), {}}; }

/// A value as a field has it: text, or JSON.
struct Value {
  std::string text;
  bool is_json = false;
};

/// What a log record says.
struct Record {
  std::uint64_t time = 0;
  std::uint64_t observed = 0;
  std::uint64_t severity = 0;
  std::string severity_text;
  Value body;
  EntryFields attributes;
  std::string trace_id;
  std::string span_id;
  std::string event_name;
};

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string as_json(const Value& value) {
  if (value.is_json) return value.text;
  std::string json;
  towl::append_json_text(value.text, json);
  return json;
}

std::string number_text(double number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

/// Numbers that JSON does not have are text.
Value number_value(double number) {
  std::string text = number_text(number);
  const bool is_json = towl::is_json_number(text);
  return {std::move(text), is_json};
}

// ---- protobuf: opentelemetry/proto/logs/v1/logs.proto

/// AnyValue { string = 1; bool = 2; int64 = 3; double = 4; ArrayValue = 5; KeyValueList = 6; bytes = 7 }
Value read_value(std::string_view message, bool& ok, int depth = 0);

/// KeyValue { string key = 1; AnyValue value = 2 }
std::pair<std::string, Value> read_pair(std::string_view message, bool& ok, int depth = 0) {
  std::pair<std::string, Value> pair;
  ProtoReader reader(message);
  while (reader.next()) {
    if (reader.field() == 1) {
      pair.first = std::string(reader.bytes());
    } else if (reader.field() == 2) {
      pair.second = read_value(reader.bytes(), ok, depth);
    } else {
      reader.skip();
    }
  }
  ok = ok && reader.ok();
  return pair;
}

Value read_list(std::string_view message, bool is_map, bool& ok, int depth) {
  Value list{is_map ? "{" : "[", true};
  ProtoReader reader(message);
  while (reader.next()) {
    if (reader.field() != 1) {
      reader.skip();
      continue;
    }
    if (list.text.size() > 1) list.text += ',';
    if (is_map) {
      const auto [name, value] = read_pair(reader.bytes(), ok, depth + 1);
      towl::append_json_name(name, list.text);
      list.text += ':' + as_json(value);
    } else {
      list.text += as_json(read_value(reader.bytes(), ok, depth + 1));
    }
  }
  ok = ok && reader.ok();
  list.text += is_map ? '}' : ']';
  return list;
}

Value read_value(std::string_view message, bool& ok, int depth) {
  if (depth > kMaxDepth) {
    ok = false;
    return {};
  }
  Value value{"", false};
  ProtoReader reader(message);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        value = {std::string(reader.bytes()), false};
        break;
      case 2:
        value = {reader.number() != 0 ? "true" : "false", true};
        break;
      case 3:
        value = {std::to_string(static_cast<std::int64_t>(reader.number())), true};
        break;
      case 4:
        value = number_value(reader.floating());
        break;
      case 5:
      case 6: {
        const bool is_map = reader.field() == 6;
        value = read_list(reader.bytes(), is_map, ok, depth);
        break;
      }
      case 7:
        value = {hexadecimal(reader.bytes()), false};
        break;
      default:
        reader.skip();
    }
  }
  ok = ok && reader.ok();
  return value;
}

void read_attribute(std::string_view message, EntryFields& to, bool& ok) {
  auto [name, value] = read_pair(message, ok);
  to.add(name, value.text, value.is_json);
}

Record read_record(std::string_view message, bool& ok) {
  Record record;
  ProtoReader reader(message);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        record.time = reader.number();
        break;
      case 2:
        record.severity = reader.number();
        break;
      case 3:
        record.severity_text = std::string(reader.bytes());
        break;
      case 5:
        record.body = read_value(reader.bytes(), ok);
        break;
      case 6:
        read_attribute(reader.bytes(), record.attributes, ok);
        break;
      case 9:
        record.trace_id = hexadecimal(reader.bytes());
        break;
      case 10:
        record.span_id = hexadecimal(reader.bytes());
        break;
      case 11:
        record.observed = reader.number();
        break;
      case 12:
        record.event_name = std::string(reader.bytes());
        break;
      default:
        reader.skip();
    }
  }
  ok = ok && reader.ok();
  return record;
}

// ---- JSON: the same, in lowerCamelCase; 64-bit numbers may be strings.

/// A member that is not there, or not of the kind that it should be, is nothing.
std::uint64_t number_of(Element parent, std::string_view name) {
  Element found;
  if (parent[name].get(found) != simdjson::SUCCESS) return 0;
  std::uint64_t value = 0;
  if (found.get(value) == simdjson::SUCCESS) return value;
  std::string_view text;
  if (found.get(text) == simdjson::SUCCESS) std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string text_of(Element parent, std::string_view name) {
  std::string_view text;
  return parent[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

/// Calls `take` with each element of the array `name` until it returns false. False if one did.
template <class Take>
bool each_of(Element parent, std::string_view name, Take take) {
  simdjson::dom::array array;
  if (parent[name].get(array) != simdjson::SUCCESS) return true;
  for (const Element one : array) {
    if (!take(one)) return false;
  }
  return true;
}

Value value_of(Element value, int depth = 0) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS || object.size() == 0 || depth > kMaxDepth) return {};
  const auto member = *object.begin();
  const std::string_view kind = member.key;
  const Element held = member.value;
  std::string_view text;
  const bool is_text = held.get(text) == simdjson::SUCCESS;
  std::string plain = is_text ? std::string(text) : std::string(simdjson::minify(held));
  if (kind == "stringValue" || kind == "bytesValue") return {std::move(plain), false};
  if (kind == "intValue" || kind == "boolValue") return {std::move(plain), true};
  if (kind == "doubleValue") return {plain, !is_text};
  const bool is_map = kind == "kvlistValue";
  Value list{is_map ? "{" : "[", true};
  each_of(held, "values", [&](Element one) {
    if (list.text.size() > 1) list.text += ',';
    if (!is_map) {
      list.text += as_json(value_of(one, depth + 1));
      return true;
    }
    towl::append_json_name(text_of(one, "key"), list.text);
    Element inner;
    const bool has_value = one["value"].get(inner) == simdjson::SUCCESS;
    list.text += ':' + as_json(has_value ? value_of(inner, depth + 1) : Value{"null", true});
    return true;
  });
  list.text += is_map ? '}' : ']';
  return list;
}

void add_attributes(Element parent, EntryFields& to) {
  each_of(parent, "attributes", [&](Element one) {
    std::string_view name;
    Element inner;
    if (one["key"].get(name) != simdjson::SUCCESS || one["value"].get(inner) != simdjson::SUCCESS) return true;
    const Value value = value_of(inner);
    // An intValue may be any text.
    to.add(name, value.text, value.is_json && towl::is_json(value.text));
    return true;
  });
}

class OtlpProtocol final : public HttpProtocol {
 public:
  std::unique_ptr<HttpProtocol> another() const override { return std::make_unique<OtlpProtocol>(); }
  bool takes(std::string_view type) const override {
    return type == "application/x-protobuf" || type == "application/json";
  }
  std::string_view taken_types() const override { return "application/x-protobuf or application/json"; }

  towl::Result<void> read(HttpRequest& request, HttpEntries& entries) override {
    const bool is_json = request.header("Content-Type").starts_with("application/json");
    entries.answer() = is_json ? kJson : kProtobuf;
    return is_json ? read_json(request.body, entries) : read_protobuf(request.body, entries);
  }

  HttpResponse stored(const HttpCounts& counts) const override {
    const bool is_json = counts.answer == kJson;
    HttpResponse response{.status = 200, .content_type = is_json ? "application/json" : "application/x-protobuf"};
    if (is_json) response.body = "{}";
    if (counts.refused == 0) return response;
    if (is_json) {
      response.body =
          R"({"partialSuccess":{"rejectedLogRecords":")" + std::to_string(counts.refused) + R"(","errorMessage":)";
      towl::append_json_name(counts.refusal, response.body);
      response.body += "}}";
      return response;
    }
    // ExportLogsPartialSuccess { rejected_log_records = 1; error_message = 2 } partial_success = 1
    std::string partial = "\x08" + varint(counts.refused) + "\x12" + varint(counts.refusal.size()) + counts.refusal;
    response.body = "\x0A" + varint(partial.size()) + partial;
    return response;
  }

 private:
  static towl::Result<void> take(const EntryFields& shared, const std::string& scope, Record record,
                                 HttpEntries& entries) {
    Draft& draft = entries.draft();
    // The record's own come last: of two of one name they count.
    EntryFields fields = shared;
    for (Field& field : record.attributes.all()) fields.add(field.name, field.value, field.is_json);
    fields.put(draft);
    draft.text = std::move(record.body.text);
    const auto set = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) draft.set(name, value);
    };
    set("severity_text", record.severity_text);
    set("scope.name", scope);
    set("trace_id", record.trace_id);
    set("span_id", record.span_id);
    set("event_name", record.event_name);
    auto level = towl::parse_level(std::to_string(record.severity), towl::LevelScale::opentelemetry);
    if (record.severity == 0) level = towl::parse_level(record.severity_text);
    if (level) draft.set_level(*level);
    const std::uint64_t time = record.time != 0 ? record.time : record.observed;
    if (time != 0 && time <= static_cast<std::uint64_t>(INT64_MAX)) draft.time = static_cast<towl::Timestamp>(time);
    if (const auto taken = entries.take(); !taken) return entries.refuse(taken.error(), 1);
    return {};
  }

  // ExportLogsServiceRequest { repeated ResourceLogs = 1 }
  towl::Result<void> read_protobuf(const std::string& body, HttpEntries& entries) {
    ProtoReader request(body);
    while (request.next()) {
      if (request.field() != 1) {
        request.skip();
        continue;
      }
      if (auto done = read_resource(request.bytes(), entries); !done) return done;
    }
    return request.ok() ? towl::Result<void>{} : refuse(entries);
  }

  // ResourceLogs { Resource { repeated KeyValue attributes = 1 } resource = 1; repeated ScopeLogs scope_logs = 2 }
  towl::Result<void> read_resource(std::string_view message, HttpEntries& entries) {
    EntryFields shared;
    bool ok = true;
    ProtoReader resource(message);
    while (resource.next()) {
      if (resource.field() != 1) {
        resource.skip();
        continue;
      }
      ProtoReader attributes(resource.bytes());
      while (attributes.next()) {
        if (attributes.field() == 1) {
          read_attribute(attributes.bytes(), shared, ok);
        } else {
          attributes.skip();
        }
      }
      ok = ok && attributes.ok();
    }
    if (!ok) return refuse(entries);
    ProtoReader scopes(message);
    while (scopes.next()) {
      if (scopes.field() != 2) {
        scopes.skip();
        continue;
      }
      if (auto done = read_scope(shared, scopes.bytes(), entries); !done) return done;
    }
    return scopes.ok() ? towl::Result<void>{} : refuse(entries);
  }

  // ScopeLogs { InstrumentationScope { name = 1; attributes = 3 } scope = 1; repeated LogRecord log_records = 2 }
  towl::Result<void> read_scope(EntryFields shared, std::string_view message, HttpEntries& entries) {
    std::string scope;
    bool ok = true;
    ProtoReader head(message);
    while (head.next()) {
      if (head.field() != 1) {
        head.skip();
        continue;
      }
      ProtoReader parts(head.bytes());
      while (parts.next()) {
        if (parts.field() == 1) {
          scope = std::string(parts.bytes());
        } else if (parts.field() == 3) {
          read_attribute(parts.bytes(), shared, ok);
        } else {
          parts.skip();
        }
      }
      ok = ok && parts.ok();
    }
    ProtoReader records(message);
    while (ok && records.next()) {
      if (records.field() != 2) {
        records.skip();
        continue;
      }
      const std::string_view bytes = records.bytes();
      bool is_good = records.ok();
      if (!is_good) break;
      Record record = read_record(bytes, is_good);
      auto done = is_good ? take(shared, scope, std::move(record), entries)
                          : entries.refuse_one(bytes, wrong("not a LogRecord"));
      if (!done) return done;
    }
    return ok && records.ok() ? towl::Result<void>{} : refuse(entries);
  }

  static towl::Result<void> refuse(HttpEntries& entries) {
    return entries.refuse(wrong("not an ExportLogsServiceRequest"), 1);
  }

  // The body has room for what the JSON library reads after its end.
  towl::Result<void> read_json(const std::string& body, HttpEntries& entries) {
    simdjson::dom::parser parser;
    Element request;
    if (parser.allocate(std::max(body.size(), kLeastJsonBytes), kMaxJsonDepth) != simdjson::SUCCESS ||
        parser.parse(body.data(), body.size(), false).get(request) != simdjson::SUCCESS || !request.is_object()) {
      return towl::fail(wrong("not an ExportLogsServiceRequest"));
    }
    towl::Result<void> done;
    each_of(request, "resourceLogs", [&](Element resource) {
      EntryFields shared;
      Element described;
      if (resource["resource"].get(described) == simdjson::SUCCESS) add_attributes(described, shared);
      return each_of(resource, "scopeLogs", [&](Element scope) {
        EntryFields scoped = shared;
        std::string name;
        if (scope["scope"].get(described) == simdjson::SUCCESS) {
          name = text_of(described, "name");
          add_attributes(described, scoped);
        }
        return each_of(scope, "logRecords", [&](Element one) {
          done = one.is_object()
                     ? take(scoped, name, record_of(one), entries)
                     : entries.refuse_one(std::string(simdjson::minify(one)), wrong("a log record must be an object"));
          return done.has_value();
        });
      });
    });
    return done;
  }

  static Record record_of(Element one) {
    Record record;
    record.time = number_of(one, "timeUnixNano");
    record.observed = number_of(one, "observedTimeUnixNano");
    record.severity = number_of(one, "severityNumber");
    record.severity_text = text_of(one, "severityText");
    Element body;
    if (one["body"].get(body) == simdjson::SUCCESS) record.body = value_of(body);
    record.trace_id = text_of(one, "traceId");
    record.span_id = text_of(one, "spanId");
    record.event_name = text_of(one, "eventName");
    add_attributes(one, record.attributes);
    return record;
  }
};

std::unique_ptr<HttpProtocol> make() { return std::make_unique<OtlpProtocol>(); }

}  // namespace

extern const HttpProtocolType kOtlpProtocol = {"otlp", kPaths, make};

}  // namespace towld
