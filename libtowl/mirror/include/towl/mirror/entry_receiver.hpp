// EntryReceiver takes the frames of another store's file, as a FileFeed sends them, and gives their entries. It is for
// a receiver that keeps the entries and not the file: a collector to which agents push their stores, say.
//
// Frames are checked like those of a file: both checksums, the file's tag, ordinals without a hole, and the digest of
// what came before. Entries that are known already are skipped.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/header.hpp"
#include "towl/mirror/served_file.hpp"
#include "towl/result.hpp"

namespace towl {

class EntryReceiver {
 public:
  EntryReceiver();
  EntryReceiver(EntryReceiver&&) noexcept;
  EntryReceiver& operator=(EntryReceiver&&) noexcept;
  ~EntryReceiver();

  /// The frames that follow are of the file with this UUID, of which `count` entries, with this digest, are known.
  void begin_file(const Uuid& uuid, std::uint64_t count, std::uint64_t digest);

  /// Entries of the file that are known or were given, and their digest.
  std::uint64_t count() const;
  std::uint64_t digest() const;

  /// How large the frames become when they are unpacked, as their headers say: texts, and `overhead_bytes` an entry.
  /// Nothing is unpacked for it, and take() makes no more. Errors: corrupt if a frame's header is damaged.
  Result<std::uint64_t> unpacked_bytes(std::string_view frames, std::uint64_t overhead_bytes) const;

  /// Gives each entry of whole frames that is not known yet to `visit`; count() and digest() are then those after it.
  /// Entries that the other end has lost are skipped, and reported to `lost`.
  /// Errors: corrupt; invalid_argument if frames come before begin_file(), or if entries before them are missing. What
  /// was given before an error was whole.
  Result<void> take(std::string_view frames, const std::function<void(const EntryView&)>& visit,
                    const std::function<void(const LostEntries&)>& lost = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl
