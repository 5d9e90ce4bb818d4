// RateLimitedSink lets through so many messages a second and tells how many it did not, so that a fault that repeats
// fills no disk.
//
// Threads: any.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace towld {

class RateLimitedSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// At once up to `burst`, in the long run `per_second`.
  RateLimitedSink(std::shared_ptr<spdlog::sinks::sink> target, double per_second, double burst)
      : sink_(std::move(target)), per_second_(per_second), burst_(burst), left_(burst) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override { sink_->flush(); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    sink_->set_formatter(std::move(formatter));
  }

 private:
  std::shared_ptr<spdlog::sinks::sink> sink_;
  const double per_second_;
  const double burst_;
  double left_;
  std::uint64_t suppressed_ = 0;
  spdlog::log_clock::time_point last_ = {};
};

}  // namespace towld
