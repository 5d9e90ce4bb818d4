// make_logger makes the collector's own log: to standard error, for people or as one JSON object a line.
//
// Text from outside (paths, peers, clients' words) is escaped: no control character reaches the log.
#pragma once

#include <memory>

#include "config/config.hpp"
#include "log/spdlog.hpp"

namespace towld {

/// Any thread may use the logger. Code that logs holds it.
std::shared_ptr<spdlog::logger> make_logger(const LogConfig& config);

spdlog::level::level_enum level_of(LogLevel level);

}  // namespace towld
