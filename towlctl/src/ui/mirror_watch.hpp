// MirrorWatch watches a folder of towl files that another process writes: it tells a Catalog and its followers.
//
// The newest file is the one that grows: it is read as far as it goes. For the others their index says what they have.
// Threads: it watches with one of its own; state() from any thread.
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

  /// Looks now, and reports what changed since the last time. For tests, and the thread.
  void look();

 private:
  /// Shows that a file was replaced or has grown.
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
