// OtlpBatch makes an ExportLogsServiceRequest of OpenTelemetry's protocol out of entries, as protobuf
// (https://github.com/open-telemetry/opentelemetry-proto, logs/v1/logs.proto): what the OpenTelemetry Collector has in a
// message of Kafka with the encoding otlp_proto.
//
// Resource:   host.name, the entry's sender; entries of a sender are together, in their order.
// Record:     time and observed time; severity of the level, severity_text its name; the body is the text; trace_id and
//             span_id of fields of these names; event_name. Other fields are attributes: texts, whole and other numbers,
//             true and false; lists and objects as JSON.
// Once:       log.record.uid is UUID/ORDINAL: records of the same are the same
//             (https://opentelemetry.io/docs/specs/semconv/registry/attributes/log/).
// Threads:    one at a time.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "outputs/store_follower.hpp"
#include "towl/record/record_view.hpp"

namespace towld {

class OtlpBatch {
 public:
  /// Adds the entry, which `record` is set to.
  void add(const FollowedEntry& followed, const towl::RecordView& record);

  std::size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }

  /// How long it is at most, in bytes.
  std::size_t bytes() const { return bytes_; }

  /// Appends the request. The batch is empty then, with its memory kept.
  void finish(std::string& to);

 private:
  struct Resource {
    std::string sender;
    std::string records;  // each with its tag and length
  };

  Resource& resource_of(std::string_view sender);

  std::vector<Resource> resources_;  // the first used_ of them
  std::size_t used_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::string record_;
  std::string part_;
};

/// SeverityNumber of a level, as OpenTelemetry's data model maps syslog's.
int otlp_severity(int level);

}  // namespace towld
