// MirrorWatch sees a folder of towl files grow that another process writes: it tells a Catalog, and those who follow.
//
// The newest file is the one that grows, and is read as far as it is there; the others are taken as their index says.
// Threads: one of its own looks; state() is any thread's.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "towl/file_reader.hpp"
#include "towl/mirror/store_state.hpp"
#include "towl/store.hpp"

namespace towlctl {

class MirrorWatch {
 public:
  explicit MirrorWatch(towl::Store store);
  MirrorWatch(const MirrorWatch&) = delete;
  MirrorWatch& operator=(const MirrorWatch&) = delete;
  ~MirrorWatch() = default;

  towl::StoreStatePublisher& state() { return state_; }

  /// Looks now, and tells what changed since. For tests, and the thread.
  void look();

 private:
  /// By which a file that was replaced, or has grown, is known.
  using Stamp = std::pair<std::uint64_t, std::int64_t>;
  using Stamps = std::map<towl::FileId, Stamp>;

  Stamps stamps() const;
  std::optional<towl::DurableFile> read_open(towl::FileId file) const;
  void watch(const std::stop_token& stop);

  const towl::Store store_;
  towl::StoreStatePublisher state_;
  std::mutex mutex_;
  Stamps seen_;
  towl::StoreState told_;
  std::condition_variable_any woken_;
  std::jthread thread_;
};

}  // namespace towlctl
