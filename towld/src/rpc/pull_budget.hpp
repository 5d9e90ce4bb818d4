// PullBudget bounds the chunks that all pulls together hold in memory, and those of one peer. Beyond it pulls wait until
// others give back what they hold.
//
// Takers: pulls whose clients took the last chunk at once. Of others nobody knows whether they read: together they have
//         half, in all and of a peer's share, so that takers have the other half; while others wait, no more than that.
// Turns:  those that wait are served peer by peer, the peer that holds least first. Of a peer takers in their order; of
//         others the newest and the oldest in turns, so that a newcomer need not wait after hundreds that take nothing.
//         Nobody passes those of its own kind and peer that wait. One that was told of room that another had taken by
//         then has its old place among them.
// Stuck:  what a client does not take for as long as its pull says (see PullReactor::patience()), and what was read
//         ahead for it. If pulls wait, a quarter may be stuck: too_stuck() names the pulls that are stuck for longest,
//         beyond that.
//
// Any thread.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "limits/configured.hpp"

namespace towld {

/// What is known of a pull's client.
enum class PullKind : std::uint8_t { unknown, taker };

/// A pull's turn to take a chunk: of one that waits or is being served.
struct PullTurn {
  bool is_told = false;  // there was room, and it has not taken its chunk yet
  std::uint64_t place = 0;
};

/// A stream that holds chunks.
class ChunkHolder {
 public:
  virtual ~ChunkHolder() = default;
  /// Its client takes nothing, and others wait: it is to end, and to give back what it holds.
  virtual void end_stuck() = 0;
};

class PullBudget {
 public:
  using Clock = std::chrono::steady_clock;
  struct Write {
    std::string peer;
    std::size_t bytes = 0;
    std::weak_ptr<ChunkHolder> holder;
    Clock::time_point begun;
    Clock::duration patience;
  };
  using Writes = std::list<Write>;  // The first to begin is first.

  PullBudget(const Limits& limits, std::shared_ptr<LimitCounts> reached)
      : bytes_(limits[Limit::pull_bytes]), of_peer_(limits.share_of_peer(bytes_)), reached_(std::move(reached)) {}

  /// How large the next chunk may be: an eighth of what is left, so that many pulls get small chunks and few get
  /// large ones.
  std::size_t chunk_bytes() const {
    std::lock_guard lock(mutex_);
    return std::clamp((bytes_ - std::min(used_.all(), bytes_)) / 8, kMinChunkBytes, kMaxChunkBytes);
  }

  /// There is room to read a chunk ahead of the client.
  bool may_read_ahead() const {
    std::lock_guard lock(mutex_);
    return used_.all() < bytes_ / 2;
  }

  /// True if there is room for a chunk of `peer`'s, and none of its own waits for it. If not, `resume` is called
  /// once, when it is its turn; it must not call back, but post, and set turn.is_told. It is dropped if `who` is gone.
  /// `turn`: of this pull; is_told says that it was resumed. If the room is taken again, it has its old place.
  bool has_room_or(const std::string& peer, PullKind kind, PullTurn& turn, std::weak_ptr<void> who,
                   std::function<void()> resume) {
    std::lock_guard lock(mutex_);
    const auto waiting = waiting_.find(peer);
    const bool is_first = turn.is_told || waiting == waiting_.end() || waiting->second.of[kind].empty();
    if (is_first && has_room(kind, used_of(peer), waiting == waiting_.end() ? nullptr : &waiting->second)) {
      return true;
    }
    if (!turn.is_told) {
      reached_->add(Limit::pull_bytes);
      turn.place = next_place_++;
    }
    turn.is_told = false;
    waiting_[peer].of[kind].insert_or_assign(turn.place, Waiter{std::move(who), std::move(resume)});
    return false;
  }

  /// Somebody waits for room.
  bool is_short() const {
    std::lock_guard lock(mutex_);
    return !waiting_.empty();
  }

  void take(const std::string& peer, PullKind kind, std::size_t bytes) {
    if (bytes == 0) return;
    std::lock_guard lock(mutex_);
    used_[kind] += bytes;
    used_of_[peer][kind] += bytes;
    usual_ = std::max(bytes, kMinChunkBytes);
  }

  /// What it took, as the kind that it was then. To be called, with 0, also by a pull that ends: it may have been told
  /// of room that it does not need.
  void give_back(const std::string& peer, PullKind kind, std::size_t bytes) {
    std::vector<std::function<void()>> resumed;
    {
      std::lock_guard lock(mutex_);
      used_[kind] -= bytes;
      if (const auto of = used_of_.find(peer); of != used_of_.end()) {
        of->second[kind] -= bytes;
        if (of->second.all() == 0) used_of_.erase(of);
      }
      // As many as there is room for, if each takes what the last one took: a chunk is a frame at least, which may be
      // large. Each gives back in its turn.
      const Use before = used_;
      std::unordered_map<std::string, Use> with_given;
      while (std::optional<Turn> turn = next_turn(with_given)) {
        auto& [peer_of_turn, kind_of_turn] = *turn;
        const auto waiting = waiting_.find(peer_of_turn);
        const Waiter waiter = waiting->second.next(kind_of_turn);
        if (waiting->second.are_none()) waiting_.erase(waiting);
        if (waiter.who.expired()) continue;
        resumed.push_back(waiter.resume);
        used_[kind_of_turn] += usual_;
        with_given.try_emplace(peer_of_turn, used_of(peer_of_turn)).first->second[kind_of_turn] += usual_;
      }
      used_ = before;
    }
    for (const auto& resume : resumed) resume();
  }

  /// A message with a chunk is on its way to the client, until end_write(); it is stuck after `patience`. `bytes`: what
  /// its pull holds, this and what was read ahead.
  Writes::iterator begin_write(const std::string& peer, std::size_t bytes, std::weak_ptr<ChunkHolder> holder,
                               Clock::time_point now, Clock::duration patience) {
    std::lock_guard lock(mutex_);
    return writes_.insert(writes_.end(), {peer, bytes, std::move(holder), now, patience});
  }
  /// So much more was read ahead since then.
  void add_to_write(Writes::iterator write, std::size_t bytes) {
    std::lock_guard lock(mutex_);
    write->bytes += bytes;
  }
  void end_write(Writes::iterator write) {
    std::lock_guard lock(mutex_);
    writes_.erase(write);
  }

  /// Those that are to end now; none if nobody waits.
  std::vector<std::shared_ptr<ChunkHolder>> too_stuck(Clock::time_point now) const {
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<ChunkHolder>> found;
    if (waiting_.empty()) return found;
    const auto is_stuck = [&](const Write& write) { return now - write.begun >= write.patience; };
    std::unordered_map<std::string, std::size_t> of_peer;
    std::size_t all = 0;
    for (const Write& write : writes_) {
      if (!is_stuck(write)) continue;
      of_peer[write.peer] += write.bytes;
      all += write.bytes;
    }
    for (const Write& write : writes_) {
      if (!is_stuck(write)) continue;
      std::size_t& own = of_peer[write.peer];
      if (own <= of_peer_ / 4 && all <= bytes_ / 4) continue;
      own -= write.bytes;
      all -= write.bytes;
      if (auto holder = write.holder.lock()) found.push_back(std::move(holder));
    }
    return found;
  }

 private:
  template <class T>
  struct OfKinds {
    T& operator[](PullKind kind) { return values[static_cast<std::size_t>(kind)]; }
    const T& operator[](PullKind kind) const { return values[static_cast<std::size_t>(kind)]; }
    std::array<T, 2> values = {};
  };
  struct Use : OfKinds<std::size_t> {
    std::size_t all() const { return values[0] + values[1]; }
  };
  struct Waiter {
    std::weak_ptr<void> who;
    std::function<void()> resume;
  };
  struct Waiters {
    OfKinds<std::map<std::uint64_t, Waiter>> of;  // by their places
    bool newest_is_next = true;

    bool are_none() const { return of.values[0].empty() && of.values[1].empty(); }
    /// There is one.
    Waiter next(PullKind kind) {
      auto& own = of[kind];
      const bool newest = kind == PullKind::unknown && std::exchange(newest_is_next, !newest_is_next);
      const auto at = newest ? std::prev(own.end()) : own.begin();
      Waiter waiter = std::move(at->second);
      own.erase(at);
      return waiter;
    }
  };
  using Turn = std::pair<std::string, PullKind>;

  Use used_of(const std::string& peer) const {
    const auto of = used_of_.find(peer);
    return of == used_of_.end() ? Use() : of->second;
  }

  /// `own`: what the peer holds; `waiting`: who of it waits, nullptr: nobody.
  bool has_room(PullKind kind, const Use& own, const Waiters* waiting) const {
    if (used_.all() >= bytes_ || own.all() >= of_peer_) return false;
    const bool has_half = used_[kind] < bytes_ / 2 && own[kind] < of_peer_ / 2;
    return has_half || (kind == PullKind::taker && (waiting == nullptr || waiting->of[PullKind::unknown].empty()));
  }

  /// Of the peers for which somebody with room waits, the one that holds least, with what was given just now.
  std::optional<Turn> next_turn(const std::unordered_map<std::string, Use>& with_given) const {
    std::optional<Turn> next;
    std::size_t least = of_peer_;
    for (const auto& [peer, waiting] : waiting_) {
      const auto given = with_given.find(peer);
      const Use own = given == with_given.end() ? used_of(peer) : given->second;
      if (own.all() >= least) continue;
      for (const PullKind kind : {PullKind::taker, PullKind::unknown}) {
        if (waiting.of[kind].empty() || !has_room(kind, own, &waiting)) continue;
        next = Turn(peer, kind);
        least = own.all();
        break;
      }
    }
    return next;
  }

  const std::size_t bytes_;
  const std::size_t of_peer_;
  const std::shared_ptr<LimitCounts> reached_;
  mutable std::mutex mutex_;
  Use used_;
  std::size_t usual_ = kMinChunkBytes;  // the size of the last chunk
  std::unordered_map<std::string, Use> used_of_;
  std::map<std::string, Waiters> waiting_;  // by peer
  std::uint64_t next_place_ = 0;
  Writes writes_;
};

}  // namespace towld
