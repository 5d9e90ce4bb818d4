// Sealing makes a closed file of format 2 small and quick to read for good: large compressed frames, a directory to
// find any entry or time, a filter to skip frames in a search. Entries, ordinals and digest stay the same.
//
// Crash safety: the sealed file is made next to the old one as ID.towl.seal.new. Every frame of it is decoded again and
//               compared, it is synced, and only then renamed over the old one. An interrupted sealing leaves the old
//               file, and begins again.
// Format:       spec/format-v2.md, "Sealed files".
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "towl/file_layer.hpp"
#include "towl/header.hpp"
#include "towl/result.hpp"

namespace towl {

struct SealOptions {
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer(). Must outlive the copy.
  /// Asked before each frame, about every 100 ms: true stops the work with the error `closed`.
  std::function<bool()> stop = {};
};

struct SealReport {
  Header header;
  Index index;                     ///< As sealed.
  bool was_sealed = false;         ///< There was nothing to do.
  std::uint64_t bytes_before = 0;  ///< Size of the file.
  std::uint64_t bytes_after = 0;
};

/// A sealed copy, ready to take the file's place. Move-only. One thread at a time.
class SealedCopy {
 public:
  /// Makes the copy next to `path`, which must be closed and have no writer; it may have readers.
  /// Errors: invalid_argument (the file is open, or of format 1), corrupt (repair it first), closed (stopped),
  /// no_space, and those of FileReader::open.
  static Result<SealedCopy> make(const std::filesystem::path& path, const SealOptions& options = {});

  SealedCopy(SealedCopy&&) noexcept;
  SealedCopy& operator=(SealedCopy&&) noexcept;
  /// Removes the copy if it has not taken the file's place.
  ~SealedCopy();

  /// Renames the copy over the file and syncs the folder. Errors: not_found if the file has been removed or
  /// replaced in the meantime: nothing is changed then; io.
  Result<void> take_place();

  const SealReport& report() const;

  /// The file's filter, for add_filter() of store_filters.hpp once the copy has taken the file's place; empty if
  /// the file was sealed already.
  const std::string& filter() const;

 private:
  class Impl;
  explicit SealedCopy(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Makes the copy and puts it in the file's place; success if the file is sealed already. `filter`, if given, gets
/// SealedCopy::filter().
Result<SealReport> seal(const std::filesystem::path& path, const SealOptions& options = {},
                        std::string* filter = nullptr);

}  // namespace towl
