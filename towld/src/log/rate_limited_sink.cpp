#include "log/rate_limited_sink.hpp"

#include <algorithm>
#include <string>

namespace towld {

void RateLimitedSink::sink_it_(const spdlog::details::log_msg& message) {
  // A clock that was set back earns nothing.
  const double passed = std::max(0.0, std::chrono::duration<double>(message.time - last_).count());
  last_ = message.time;
  left_ = std::min(burst_, left_ + passed * per_second_);
  if (left_ < 1) {
    ++suppressed_;
    return;
  }
  left_ -= 1;
  if (suppressed_ > 0) {
    const std::string told = std::to_string(suppressed_) + " messages before this one were too many, and left out";
    suppressed_ = 0;
    spdlog::details::log_msg note(message.time, {}, message.logger_name, spdlog::level::warn, told);
    sink_->log(note);
  }
  sink_->log(message);
}

}  // namespace towld
