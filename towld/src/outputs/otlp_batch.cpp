#include "outputs/otlp_batch.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>

#include "parse/draft.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

// ---- Protobuf on the wire (https://protobuf.dev/programming-guides/encoding/).

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2 };

void put_varint(std::uint64_t value, std::string& to) {
  for (; value >= 0x80; value >>= 7) to += static_cast<char>(value | 0x80);
  to += static_cast<char>(value);
}

/// Fields of up to 15.
void put_tag(int field, Wire wire, std::string& to) { to += static_cast<char>(field << 3 | static_cast<int>(wire)); }

void put_bytes(int field, std::string_view bytes, std::string& to) {
  put_tag(field, Wire::bytes, to);
  put_varint(bytes.size(), to);
  to += bytes;
}

void put_number(int field, std::uint64_t number, std::string& to) {
  put_tag(field, Wire::varint, to);
  put_varint(number, to);
}

void put_fixed(int field, std::uint64_t number, std::string& to) {
  put_tag(field, Wire::fixed64, to);
  for (int shift = 0; shift < 64; shift += 8) to += static_cast<char>(number >> shift);
}

std::size_t varint_bytes(std::uint64_t value) { return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7; }

// ---- opentelemetry/proto/common/v1/common.proto

/// KeyValue { key = 1; AnyValue value = 2 } as the field `field`; `value` is an AnyValue.
void put_attribute(int field, std::string_view name, std::string_view value, std::string& to) {
  put_tag(field, Wire::bytes, to);
  const std::size_t bytes = 2 + varint_bytes(name.size()) + name.size() + varint_bytes(value.size()) + value.size();
  put_varint(bytes, to);
  put_bytes(1, name, to);
  put_bytes(2, value, to);
}

/// AnyValue { string = 1; bool = 2; int64 = 3; double = 4; bytes = 7 }
void put_text(std::string_view text, std::string& to) { put_bytes(towl::is_utf8(text) ? 1 : 7, text, to); }

void put_value(const towl::JsonMember& member, std::string& to) {
  if (member.kind == towl::JsonKind::boolean) return put_number(2, member.text == "true" ? 1 : 0, to);
  if (member.kind == towl::JsonKind::number) {
    const char* const end = member.text.data() + member.text.size();
    std::int64_t whole = 0;
    if (const auto read = std::from_chars(member.text.data(), end, whole); read.ec == std::errc() && read.ptr == end) {
      return put_number(3, static_cast<std::uint64_t>(whole), to);
    }
    double number = 0;
    if (const auto read = std::from_chars(member.text.data(), end, number); read.ec == std::errc() && read.ptr == end) {
      return put_fixed(4, std::bit_cast<std::uint64_t>(number), to);
    }
  }
  put_text(member.text, to);
}

/// The bytes of so many hexadecimal digits, as trace and span IDs are; nullopt if it is something else, or all zero.
template <std::size_t Bytes>
std::optional<std::array<char, Bytes>> id_of(std::string_view text) {
  std::array<char, Bytes> id{};
  if (text.size() != 2 * Bytes) return std::nullopt;
  for (std::size_t i = 0; i < Bytes; ++i) {
    std::uint8_t byte = 0;
    const char* const begin = text.data() + 2 * i;
    const auto read = std::from_chars(begin, begin + 2, byte, 16);
    if (read.ec != std::errc() || read.ptr != begin + 2) return std::nullopt;
    id[i] = static_cast<char>(byte);
  }
  if (std::all_of(id.begin(), id.end(), [](char byte) { return byte == 0; })) return std::nullopt;
  return id;
}

/// Puts the ID as `field` if `text` is one.
template <std::size_t Bytes>
bool put_id(int field, std::string_view text, std::string& to) {
  const auto id = id_of<Bytes>(text);
  if (id) put_bytes(field, {id->data(), id->size()}, to);
  return id.has_value();
}

constexpr std::string_view kUid = "log.record.uid";

/// What a request has in addition to records, for each sender: tags and lengths of three messages, and one attribute.
constexpr std::size_t kResourceBytes = 64;

}  // namespace

int otlp_severity(int level) {
  // https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings
  constexpr std::array<int, 8> kSeverities = {21, 19, 18, 17, 13, 10, 9, 5};
  return kSeverities[static_cast<std::size_t>(std::clamp(level, 0, 7))];
}

OtlpBatch::Resource& OtlpBatch::resource_of(std::string_view sender) {
  // Most entries are of the sender of the one before.
  for (std::size_t i = used_; i > 0; --i) {
    if (resources_[i - 1].sender == sender) return resources_[i - 1];
  }
  if (used_ == resources_.size()) resources_.emplace_back();
  Resource& resource = resources_[used_++];
  resource.sender = sender;
  resource.records.clear();
  bytes_ += kResourceBytes + sender.size();
  return resource;
}

// LogRecord { fixed64 time = 1; severity_number = 2; severity_text = 3; AnyValue body = 5; attributes = 6; trace_id = 9;
//             span_id = 10; fixed64 observed_time = 11; event_name = 12 }
void OtlpBatch::add(const FollowedEntry& followed, const towl::RecordView& record) {
  const towl::EntryView& entry = followed.entry;
  record_.clear();
  put_fixed(1, static_cast<std::uint64_t>(std::max<towl::Timestamp>(0, entry.time())), record_);
  put_fixed(11, static_cast<std::uint64_t>(std::max<towl::Timestamp>(0, entry.received)), record_);
  if (record.has_fields()) {
    if (const auto level = record.level()) {
      put_number(2, static_cast<std::uint64_t>(otlp_severity(*level)), record_);
      if (!record.find("severity_text")) put_bytes(3, towl::level_name(*level), record_);
    }
  }
  part_.clear();
  put_text(record.message(), part_);
  put_bytes(5, part_, record_);
  if (record.has_fields()) {
    for (const towl::JsonMember& member : record.members()) {
      const std::string_view name = member.name;
      if (name == field::kMessage || name == field::kPriority || member.kind == towl::JsonKind::null) continue;
      if (member.kind == towl::JsonKind::string) {
        if (name == "trace_id" && put_id<16>(9, member.text, record_)) continue;
        if (name == "span_id" && put_id<8>(10, member.text, record_)) continue;
        if (name == "severity_text" || name == "event_name") {
          put_bytes(name == "event_name" ? 12 : 3, member.text, record_);
          continue;
        }
      }
      part_.clear();
      put_value(member, part_);
      put_attribute(6, name, part_, record_);
    }
  }
  part_.clear();
  put_text(place_of(followed), part_);
  put_attribute(6, kUid, part_, record_);

  Resource& resource = resource_of(entry.sender);
  const std::size_t before = resource.records.size();
  put_bytes(2, record_, resource.records);
  bytes_ += resource.records.size() - before;
  ++count_;
}

// ExportLogsServiceRequest { ResourceLogs = 1 }; ResourceLogs { Resource { attributes = 1 } = 1; ScopeLogs { LogRecord = 2
// } = 2 }
void OtlpBatch::finish(std::string& to) {
  for (std::size_t i = 0; i < used_; ++i) {
    const Resource& resource = resources_[i];
    part_.clear();
    put_text(resource.sender, part_);
    record_.clear();
    put_attribute(1, "host.name", part_, record_);
    const std::size_t bytes = 1 + varint_bytes(record_.size()) + record_.size() + 1 +
                              varint_bytes(resource.records.size()) + resource.records.size();
    put_tag(1, Wire::bytes, to);
    put_varint(bytes, to);
    put_bytes(1, record_, to);
    put_bytes(2, resource.records, to);
  }
  used_ = count_ = bytes_ = 0;
}

}  // namespace towld
