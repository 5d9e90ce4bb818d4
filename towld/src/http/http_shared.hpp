// HttpShared is what the connections of one server have in common.
//
// Of the loop's thread, except for the counters, which any thread may read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http/http_guard.hpp"
#include "http/http_loop.hpp"
#include "http/http_routes.hpp"
#include "limits/configured.hpp"

namespace towld {

class HttpSession;

struct HttpCounters {
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused = 0;  ///< Above the limits of connections; among `accepted`.
  std::atomic<std::uint64_t> open = 0;
  std::atomic<std::uint64_t> timed_out = 0;
  std::atomic<std::uint64_t> bytes_read = 0;
  std::atomic<std::uint64_t> bytes_written = 0;
};

struct HttpShared {
  HttpLimits limits;
  std::shared_ptr<LimitCounts> reached = std::make_shared<LimitCounts>();
  std::shared_ptr<HttpRoutes> routes;
  std::shared_ptr<HttpLoop> loop;
  std::shared_ptr<HttpCounters> counts;
  HttpCounters& counters = *counts;
  HttpGuard guard = {};
  std::unordered_map<HttpSession*, std::shared_ptr<HttpSession>> sessions = {};
  /// Of the sessions, those that are only told that there are too many.
  std::size_t refused_sessions = 0;
  /// Of the others, by peer_group().
  std::unordered_map<std::string, std::size_t> of_peer = {};
  /// Of bodies that are not answered yet, small ones left out.
  std::size_t bodies_bytes = 0;
  bool stopping = false;
  /// What is read from any connection goes through here, so that idle ones need no memory for it.
  std::array<char, std::size_t{64} << 10> buffer = {};

  std::int64_t date_second = 0;
  std::string date_text = {};

  /// The time as HTTP has it, of this second.
  std::string_view date();
};

}  // namespace towld
