// SyslogEntries makes entries of syslog messages, whatever way they came: see parse/syslog_message.hpp.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "inputs/stream/entry_sink.hpp"
#include "towl/record/syslog_time.hpp"
#include "towl/record/time_zone.hpp"

namespace towld {

class SyslogEntries {
 public:
  /// `zone`: of times that have none.
  explicit SyslogEntries(towl::TimeZone zone) : zone_(std::move(zone)) {}

  /// Takes one message, with or without its end mark. `bytes`: what it had before it was cut.
  void take(std::string_view message, std::uint64_t bytes, towl::Timestamp received, std::string_view peer,
            EntrySink& sink);

 private:
  const towl::TimeZone zone_;
  towl::SyslogTimeCache time_cache_ = {};
};

}  // namespace towld
