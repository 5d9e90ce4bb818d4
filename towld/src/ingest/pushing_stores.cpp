#include "ingest/pushing_stores.hpp"

#include <algorithm>

#include "ingest/pushed_files.hpp"

namespace towld {

std::shared_ptr<const void> PushingStores::saw(const std::string& source, Seconds now) {
  std::lock_guard lock(mutex_);
  Seen& seen = seen_[source];
  seen.at = std::max(seen.at, now);
  auto present = seen.present.lock();
  if (!present) present = std::make_shared<char>();
  seen.present = present;
  return present;
}

PushingStores::Place PushingStores::place_for(const std::string& owner, std::span<const towl::SourcePosition> positions,
                                              Seconds now, const Limits& limits) {
  std::lock_guard lock(mutex_);
  const auto unseen_time = std::chrono::duration_cast<Seconds>(limits.time(Limit::store_unseen_time));
  const auto is_own = [&](const towl::SourcePosition& of) { return owner_of_position(of.position) == owner; };
  // nullopt: it is there now.
  const auto last_seen = [&](const towl::SourcePosition& of) -> std::optional<Seconds> {
    const Seconds pushed = seen_of_position(of.position).value_or(started_);
    const auto seen = seen_.find(of.source);
    if (seen == seen_.end()) return pushed;
    if (!seen->second.present.expired()) return std::nullopt;
    return std::max(pushed, seen->second.at);
  };
  std::size_t all = 0;
  std::size_t own = 0;
  for (const towl::SourcePosition& position : positions) {
    if (!store_of_source(position.source)) continue;
    ++all;
    if (is_own(position)) ++own;
  }
  const bool own_are_too_many = own >= limits[Limit::token_stores];
  if (!own_are_too_many && all < limits[Limit::stores]) return {};
  Place none{.is_there = false, .reached = own_are_too_many ? Limit::token_stores : Limit::stores};
  if (now - started_ < std::min(unseen_time, std::chrono::duration_cast<Seconds>(kStoresComeBackIn))) return none;
  const towl::SourcePosition* oldest = nullptr;
  Seconds oldest_seen = now - unseen_time;
  for (const towl::SourcePosition& position : positions) {
    if (!store_of_source(position.source) || (own_are_too_many && !is_own(position))) continue;
    const auto seen = last_seen(position);
    if (!seen || (oldest == nullptr ? *seen > oldest_seen : *seen >= oldest_seen)) continue;
    oldest = &position;
    oldest_seen = *seen;
  }
  if (oldest == nullptr) return none;
  seen_.erase(oldest->source);
  return {.is_there = true, .reached = Limit::store_unseen_time, .forgotten = *oldest};
}

}  // namespace towld
