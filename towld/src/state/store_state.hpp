// StoreState is what the writer tells readers about its store; StoreStatePublisher hands it over.
//
// Threads: the writer publishes; any thread reads and listens.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "towl/file_reader.hpp"
#include "towl/header.hpp"

namespace towld {

/// The file that takes entries, as far as it is durable.
struct DurableFile {
  towl::Header header;
  towl::Index index;  ///< `count` is end.ordinal.
  towl::Position end;
};

struct StoreState {
  std::optional<DurableFile> open = {};
  towl::FileId next_file_id = 1;
  /// StoreWriter::identity(): "" until the store has one.
  std::string identity = {};
  /// Grows whenever a file is begun, closed or removed.
  std::uint64_t generation = 0;
  /// There are entries behind `open`'s end that are not durable yet.
  bool unsynced = false;
};

/// Wants to know when there is more to read.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  /// On the writer's thread; must not block.
  virtual void store_changed() = 0;
};

class StoreStatePublisher {
 public:
  void publish(StoreState state);
  StoreState get() const;

  /// Until the listener is destroyed.
  void add(std::weak_ptr<StoreListener> listener);

  /// How many listen.
  std::size_t listeners() const;

 private:
  mutable std::mutex mutex_;
  StoreState state_;
  std::vector<std::weak_ptr<StoreListener>> listeners_;
};

}  // namespace towld
