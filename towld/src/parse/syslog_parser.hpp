// SyslogParser is the step `syslog` of a parser chain: it takes apart texts that are syslog messages, e.g. the lines of
// files that a syslog daemon wrote. There is no priority if there was none.
//
// Threads: any; it does not change.
#pragma once

#include "parse/parser_chain.hpp"
#include "towl/record/time_zone.hpp"

namespace towld {

class SyslogParser final : public Parser {
 public:
  /// `zone` is that of times without one.
  explicit SyslogParser(towl::TimeZone zone) : zone_(std::move(zone)) {}

  Outcome apply(Draft& draft) const override;

 private:
  towl::TimeZone zone_;
};

}  // namespace towld
