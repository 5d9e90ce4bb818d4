#include "parse/make_parsers.hpp"

#include <utility>

#include "parse/parsers.hpp"
#include "parse/syslog_parser.hpp"

namespace towld {
namespace {

MadeParser make_parser(const ParserConfig& config) {
  switch (config.type) {
    case ParserType::json:
      return make_json_parser(config);
    case ParserType::logfmt:
      return make_logfmt_parser(config);
    case ParserType::regex:
      return make_regex_parser(config);
    case ParserType::grok:
      return make_grok_parser(config);
    case ParserType::common:
    case ParserType::combined:
      return make_access_log_parser(config);
    case ParserType::syslog:
      return make_syslog_parser(config);
    case ParserType::timestamp:
      return make_timestamp_parser(config);
    case ParserType::level:
      return make_level_parser(config);
    case ParserType::drop:
    case ParserType::keep:
      return make_filter_parser(config);
    case ParserType::add:
    case ParserType::rename:
    case ParserType::remove:
      return make_fields_parser(config);
    case ParserType::redact:
      return make_redact_parser(config);
  }
  return towl::fail(towl::ErrorCode::invalid_argument, "unknown type of parser", config.place);
}

}  // namespace

MadeParser make_syslog_parser(const ParserConfig& config) {
  auto zone = towl::TimeZone::load(config.time_zone);
  if (!zone) return towl::fail(towl::ErrorCode::invalid_argument, zone.error().message, config.place);
  return std::make_unique<SyslogParser>(std::move(*zone));
}

towl::Result<ParserChain> make_parsers(std::span<const ParserConfig> configs) {
  std::vector<std::unique_ptr<const Parser>> parsers;
  for (const ParserConfig& config : configs) {
    auto parser = make_parser(config);
    if (!parser) return towl::fail(std::move(parser.error()));
    parsers.push_back(std::move(*parser));
  }
  return ParserChain(std::move(parsers));
}

}  // namespace towld
