// StoreState is what the writer of a store tells the feeds that send it to others: how far it is durable.
// StoreStatePublisher hands it over, and wakes the feeds that wait for more.
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

namespace towl {

class StoreWriter;

/// The file that takes entries, as far as it is durable.
struct DurableFile {
  Header header;
  Index index;  ///< `count` is end.ordinal.
  Position end;
};

struct StoreState {
  std::optional<DurableFile> open = {};
  FileId next_file_id = 1;
  /// StoreWriter::identity(): "" until the store has one.
  std::string identity = {};
  /// Grows whenever a file is begun, closed or removed.
  std::uint64_t generation = 0;
  /// There are entries after `open`'s end that are not durable yet.
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
  /// Publishes how far the store of `writer` is. Call it on the writer's thread whenever something was appended, synced
  /// or closed. `files_changed`: files were removed, or replaced by sealed ones.
  void publish(const StoreWriter& writer, bool files_changed = false);
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

}  // namespace towl
