// Archive is a read-only FileLayer over the files of an object store: s3://BUCKET/PREFIX/ID.towl.
//
// Loaded:  from a module, libtowlctl_archive.so, when a command names such a path: HTTP and its dependencies are many
//          shared libraries.
// Reads:   by ranges, in blocks of kBlockBytes; sequential reads fetch larger and larger ranges.
// Cache:   the blocks that were used last, kCacheBytes of them, in memory.
// Threads: any; a File by one thread at a time, except for read_at().
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"

namespace towlctl {

class Archive : public towl::FileLayer {
 public:
  /// The SHA-256 that the archiver kept with a file, 64 hexadecimal digits; "" if there is none. Errors: those of open().
  virtual towl::Result<std::string> digest_of(const std::filesystem::path& path) = 0;

  /// The SHA-256 of what is in a file now, of any layer. Errors: io.
  virtual towl::Result<std::string> digest_of(towl::File& file) = 0;

  /// Bytes that came from the object store since the start.
  virtual std::uint64_t received_bytes() const = 0;
};

/// "s3://…"
inline bool is_archive(const std::filesystem::path& path) { return path.native().starts_with("s3:"); }

inline constexpr const char* kArchiveModuleFile = "libtowlctl_archive.so";

/// The name of an OpenArchiveModule in it.
inline constexpr const char* kArchiveOpenSymbol = "towlctl_archive_open";

/// Opens with $AWS_ENDPOINT_URL, $AWS_REGION and the credentials of find_s3_credentials(). Errors: those.
using OpenArchiveModule = void (*)(towl::Result<std::unique_ptr<Archive>>& archive);

}  // namespace towlctl
