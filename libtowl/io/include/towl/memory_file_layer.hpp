// MemoryFileLayer is a disk in memory that fails when told to, and loses what was not synced when its power is cut.
//
// Every call of the layer and of its files counts as one operation, in the order made; the same program makes the
// same operations, so "fail at operation N" for every N, or "cut the power at operation N", visits every place
// where a disk can fail. Like a real disk it keeps names and contents apart: a new file's name survives a power cut
// only if its folder was synced, its contents only if the file was.
//
// For tests, ours and those of applications. Any thread; files stay usable as long as the layer lives.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "towl/file_layer.hpp"

namespace towl {

/// What is left of un-synced writes after a power cut.
enum class PowerCut {
  keep_all,     ///< Everything had reached the disk, by luck.
  keep_synced,  ///< Only what was synced.
  keep_random,  ///< A coin decides on each un-synced 512-byte sector, each size, each cut, and the names.
  keep_torn,    ///< Everything, but only a part of the write in flight: see torn_states().
};

class MemoryFileLayer final : public FileLayer {
 public:
  MemoryFileLayer();
  ~MemoryFileLayer() override;

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override;
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override;
  Result<void> create_folder(const std::filesystem::path& folder) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> remove(const std::filesystem::path& path) override;
  Result<void> sync_folder(const std::filesystem::path& folder) override;
  Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path& path) override;
  Result<Space> space(const std::filesystem::path& folder) override;
  /// Not an operation.
  std::string stamp(const std::filesystem::path& path) override;

  /// The operations made so far.
  std::uint64_t operations() const;

  /// From operation `number` (counted from 0) on, `count` operations fail with `code`, without effect; only a
  /// failing write_at writes its first half, as a real one may. Replaces what was set before.
  void fail_at(std::uint64_t number, ErrorCode code, std::uint64_t count = 1);

  /// From operation `number` on every operation fails with io and has no effect, until cut_power(): this is
  /// the moment of the power failure. A write_at at that moment writes its first half.
  void stop_at(std::uint64_t number);

  /// The machine goes down and up again: un-synced data is lost as `kind` says, locks are gone, failures are
  /// unset. Open files are cut off: every call on them fails from now on. `seed` is the seed of the coin, or, for
  /// keep_torn, the number of one of the torn_states().
  void cut_power(PowerCut kind, std::uint64_t seed = 0);

  /// If the power failed in a write_at: how many states it may have left on a disk that writes whole 512-byte sectors
  /// in any order. Each boundary between two sectors gives two: what comes before it is there and the rest is not, or
  /// the other way round. In two more states, none or all of it is there. 0 if the power did not fail in a write.
  std::uint64_t torn_states() const;

  /// Total room for file contents; without this call there is no bound.
  void set_capacity(std::uint64_t bytes);

  /// A file's contents now, and their replacement (synced). Not operations. `bytes` of a missing file is empty.
  std::string contents(const std::filesystem::path& path) const;
  void set_contents(const std::filesystem::path& path, std::string bytes);
  bool exists(const std::filesystem::path& path) const;

 private:
  struct Disk;
  class MemoryFile;
  class MemoryLock;
  std::shared_ptr<Disk> disk_;
};

}  // namespace towl
