// LimitedLog lets one warning a second into the program's log, and counts the others: peers cause them, and there may
// be many.
//
// Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "log/spdlog.hpp"

namespace towld {

class LimitedLog {
 public:
  /// `name` begins each message.
  LimitedLog(std::shared_ptr<spdlog::logger> log, std::string name) : log_(std::move(log)), name_(std::move(name)) {}

  template <class... Arguments>
  void warn(spdlog::format_string_t<Arguments...> format, Arguments&&... arguments) {
    const auto now = std::chrono::steady_clock::now();
    if (!log_ || (last_ != std::chrono::steady_clock::time_point() && now - last_ < std::chrono::seconds(1))) {
      ++left_out_;
      return;
    }
    last_ = now;
    std::string message = fmt::format(format, std::forward<Arguments>(arguments)...);
    if (left_out_ > 0) message += fmt::format(" ({} warnings before this one were left out)", left_out_);
    left_out_ = 0;
    log_->warn("{}: {}", name_, message);
  }

 private:
  std::shared_ptr<spdlog::logger> log_;
  std::string name_;
  std::chrono::steady_clock::time_point last_ = {};
  std::uint64_t left_out_ = 0;
};

}  // namespace towld
