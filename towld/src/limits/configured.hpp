// The limits that a configuration may move: its block `limits`. Each has a default, bounds of its own, and a counter of
// how often it was reached (`towl_limits_reached_total{limit}`).
//
// A limit is a row here, a row of the table in README.md, and the place that keeps it; a test holds the first two and
// /metrics against each other. What cannot be moved stands in limits.hpp.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "limits/limits.hpp"

namespace towld {

enum class Limit : std::uint8_t {
  request_bytes,
  unpacked_bytes,
  http_entries,
  append_entries,
  push_bytes,
  http_header_bytes,
  grpc_header_bytes,
  http_connections,
  grpc_connections,
  peer_percent,
  http_header_time,
  http_body_time,
  http_answer_time,
  http_idle_time,
  grpc_handshake_time,
  grpc_idle_time,
  grpc_calls,
  appends,
  pushes,
  pulls,
  followers,
  pull_stall_time,
  pull_bytes,
  queue_bytes,
  push_queue_bytes,
  http_bodies_bytes,
  queries,
  query_bytes,
  pattern_bytes,
  query_calls,
  query_followers,
  exports,
  bad_tokens,
  producers,
  token_producers,
  sequence_jump,
  stores,
  token_stores,
  store_unseen_time,
};

enum class LimitUnit : std::uint8_t { number, bytes, milliseconds };

struct LimitRow {
  Limit limit;
  std::string_view key;
  LimitUnit unit;
  std::uint64_t standard;
  std::uint64_t least;
  std::uint64_t most;
  /// gRPC keeps some by itself, and does not tell; of others the answer tells.
  bool is_counted = true;
};

namespace detail {
inline constexpr std::uint64_t kKiB = std::uint64_t{1} << 10;
inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kSecond = 1'000;
inline constexpr std::uint64_t kDay = 86'400 * kSecond;
}  // namespace detail

/// In the order of the enumeration. The reasons of the defaults are with the constants of limits.hpp.
inline constexpr auto kLimits = std::to_array<LimitRow>({
    {Limit::request_bytes, "request_bytes", LimitUnit::bytes, 4 * detail::kMiB, 64 * detail::kKiB, 64 * detail::kMiB},
    {Limit::unpacked_bytes, "unpacked_bytes", LimitUnit::bytes, 16 * detail::kMiB, 64 * detail::kKiB,
     256 * detail::kMiB},
    {Limit::http_entries, "http_entries", LimitUnit::number, kMaxEntriesARequest, 1, 2'000'000},
    {Limit::append_entries, "append_entries", LimitUnit::number, kMaxBatchEntries, 1, 1'000'000},
    // A frame has up to 16 MiB, and must fit.
    {Limit::push_bytes, "push_bytes", LimitUnit::bytes, kMaxPushedBytes, kMaxPushedBytes, 1024 * detail::kMiB},
    {Limit::http_header_bytes, "http_header_bytes", LimitUnit::bytes, 8 * detail::kKiB, detail::kKiB, detail::kMiB},
    {Limit::grpc_header_bytes, "grpc_header_bytes", LimitUnit::bytes, kMaxMetadataBytes, detail::kKiB, detail::kMiB,
     false},
    {Limit::http_connections, "http_connections", LimitUnit::number, 4096, 1, 1'000'000},
    {Limit::grpc_connections, "grpc_connections", LimitUnit::number, 4096, 1, 1'000'000},
    {Limit::peer_percent, "peer_percent", LimitUnit::number, 75, 1, 100},
    {Limit::http_header_time, "http_header_time", LimitUnit::milliseconds, 10 * detail::kSecond, 100, detail::kDay},
    {Limit::http_body_time, "http_body_time", LimitUnit::milliseconds, 10 * detail::kSecond, 100, detail::kDay},
    {Limit::http_answer_time, "http_answer_time", LimitUnit::milliseconds, 30 * detail::kSecond, 100, detail::kDay},
    {Limit::http_idle_time, "http_idle_time", LimitUnit::milliseconds, 60 * detail::kSecond, 100, detail::kDay},
    {Limit::grpc_handshake_time, "grpc_handshake_time", LimitUnit::milliseconds, 10 * detail::kSecond, 100,
     detail::kDay, false},
    {Limit::grpc_idle_time, "grpc_idle_time", LimitUnit::milliseconds, 300 * detail::kSecond, 1000, detail::kDay,
     false},
    {Limit::grpc_calls, "grpc_calls", LimitUnit::number, kMaxStreamsAConnection, 1, 100'000, false},
    {Limit::appends, "appends", LimitUnit::number, kMaxAppends, 1, 1'000'000},
    {Limit::pushes, "pushes", LimitUnit::number, kMaxPushes, 1, 1'000'000},
    {Limit::pulls, "pulls", LimitUnit::number, kMaxPulls, 1, 1'000'000},
    {Limit::followers, "followers", LimitUnit::number, kMaxFollowers, 1, 1'000'000},
    {Limit::pull_stall_time, "pull_stall_time", LimitUnit::milliseconds, 60 * detail::kSecond, 100, detail::kDay},
    {Limit::pull_bytes, "pull_bytes", LimitUnit::bytes, kPullBudgetBytes, detail::kMiB, 1024 * detail::kMiB},
    {Limit::queue_bytes, "queue_bytes", LimitUnit::bytes, kMaxQueuedBytes, 64 * detail::kKiB, 1024 * detail::kMiB},
    {Limit::push_queue_bytes, "push_queue_bytes", LimitUnit::bytes, kMaxQueuedPushedBytes, detail::kMiB,
     4096 * detail::kMiB},
    {Limit::http_bodies_bytes, "http_bodies_bytes", LimitUnit::bytes, 64 * detail::kMiB, 64 * detail::kKiB,
     4096 * detail::kMiB},
    // What else one query may cost is in the block `query`.
    {Limit::queries, "queries", LimitUnit::number, kMaxHttpQueries, 1, 10'000},
    {Limit::query_bytes, "query_bytes", LimitUnit::bytes, 4 * detail::kMiB, 64 * detail::kKiB, 1024 * detail::kMiB,
     false},
    {Limit::pattern_bytes, "pattern_bytes", LimitUnit::bytes, 4 * detail::kKiB, 16, 64 * detail::kKiB, false},
    {Limit::query_calls, "query_calls", LimitUnit::number, kMaxQueries, 1, 10'000},
    {Limit::query_followers, "query_followers", LimitUnit::number, kMaxFollowingQueries, 1, 100'000},
    {Limit::exports, "exports", LimitUnit::number, kMaxExports, 1, 100'000},
    {Limit::bad_tokens, "bad_tokens", LimitUnit::number, static_cast<std::uint64_t>(kAccessFailuresAtOnce), 1,
     1'000'000},
    {Limit::producers, "producers", LimitUnit::number, kMaxProducers, 1, 100'000},
    {Limit::token_producers, "token_producers", LimitUnit::number, kMaxProducersAToken, 1, 100'000},
    {Limit::sequence_jump, "sequence_jump", LimitUnit::number, kMaxSequenceJump, 1, std::uint64_t{1} << 40},
    {Limit::stores, "stores", LimitUnit::number, kMaxPushingStores, 1, 100'000},
    {Limit::token_stores, "token_stores", LimitUnit::number, kMaxPushingStoresAToken, 1, 100'000},
    {Limit::store_unseen_time, "store_unseen_time", LimitUnit::milliseconds,
     std::chrono::milliseconds(kStoreUnseenTime).count(), detail::kSecond, 3650 * detail::kDay},
});

constexpr const LimitRow& row_of(Limit limit) { return kLimits[static_cast<std::size_t>(limit)]; }

/// The values of all limits. A value: copies are independent.
class Limits {
 public:
  constexpr Limits() {
    for (const LimitRow& row : kLimits) values_[static_cast<std::size_t>(row.limit)] = row.standard;
  }

  constexpr std::uint64_t operator[](Limit limit) const { return values_[static_cast<std::size_t>(limit)]; }
  constexpr std::chrono::milliseconds time(Limit limit) const {
    return std::chrono::milliseconds(static_cast<std::int64_t>((*this)[limit]));
  }
  constexpr void set(Limit limit, std::uint64_t value) { values_[static_cast<std::size_t>(limit)] = value; }

  /// How many of `all` one peer may have, so that it does not lock out the others: at least one.
  constexpr std::size_t share_of_peer(std::size_t all) const {
    const std::size_t share = all / 100 * (*this)[Limit::peer_percent] + all % 100 * (*this)[Limit::peer_percent] / 100;
    return share == 0 ? 1 : share;
  }

  friend constexpr bool operator==(const Limits&, const Limits&) = default;

 private:
  std::array<std::uint64_t, kLimits.size()> values_ = {};
};

/// What one HTTP client, and all together, may cost.
inline HttpLimits http_limits(const Limits& limits) {
  HttpLimits http;
  http.header_bytes = limits[Limit::http_header_bytes];
  http.body_bytes = limits[Limit::request_bytes];
  http.decompressed_bytes = limits[Limit::unpacked_bytes];
  http.entries = limits[Limit::http_entries];
  http.all_bodies_bytes = limits[Limit::http_bodies_bytes];
  http.connections = limits[Limit::http_connections];
  http.connections_of_peer = limits.share_of_peer(http.connections);
  http.header_time = limits.time(Limit::http_header_time);
  http.body_time = limits.time(Limit::http_body_time);
  http.idle_time = limits.time(Limit::http_idle_time);
  http.write_time = limits.time(Limit::http_answer_time);
  return http;
}

/// How often each limit was reached. Any thread.
class LimitCounts {
 public:
  void add(Limit limit) { counts_[static_cast<std::size_t>(limit)].fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t operator[](Limit limit) const {
    return counts_[static_cast<std::size_t>(limit)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kLimits.size()> counts_ = {};
};

namespace detail {
constexpr bool limits_are_in_order() {
  for (std::size_t i = 0; i < kLimits.size(); ++i) {
    const LimitRow& row = kLimits[i];
    if (static_cast<std::size_t>(row.limit) != i || row.standard < row.least || row.standard > row.most) return false;
  }
  return true;
}
static_assert(limits_are_in_order());
}  // namespace detail

}  // namespace towld
