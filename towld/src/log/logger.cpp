#include "log/logger.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "limits/limits.hpp"
#include "log/rate_limited_sink.hpp"

#ifdef TOWLD_COMPILES_FMT_ONCE
FMT_BEGIN_NAMESPACE
namespace detail {
template void vformat_to<char>(buffer<char>&, basic_string_view<char>,
                               basic_format_args<basic_format_context<appender, char>>, locale_ref);
}
FMT_END_NAMESPACE
#endif

namespace towld {
namespace {

/// The message with control characters, and for JSON quotes and backslashes, as escapes (RFC 8259, 7).
class EscapedMessage final : public spdlog::custom_flag_formatter {
 public:
  explicit EscapedMessage(bool json) : json_(json) {}

  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    for (const char c : message.payload) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || byte == 0x7f) {
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(byte));
        out.append(std::string_view(escape.data()));
      } else {
        if (json_ && (c == '"' || c == '\\')) out.push_back('\\');
        out.push_back(c);
      }
    }
  }

  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<EscapedMessage>(json_); }

 private:
  bool json_;
};

}  // namespace

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::logger> make_logger(const LogConfig& config) {
  const bool json = config.format == LogStyle::json;
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<EscapedMessage>('*', json);
  formatter->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%*"})"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %l: %*");
  auto logger = std::make_shared<spdlog::logger>(
      "towld", std::make_shared<RateLimitedSink>(std::make_shared<spdlog::sinks::stderr_sink_mt>(), kLogMessagesASecond,
                                                 kLogMessagesAtOnce));
  logger->set_formatter(std::move(formatter));
  logger->set_level(level_of(config.level));
  logger->flush_on(spdlog::level::trace);
  return logger;
}

}  // namespace towld
