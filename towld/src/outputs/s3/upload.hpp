// Files become objects: whole, once, and compared with what was to be sent.
//
// Verified: the SHA-256 of each part is signed, so that the object store refuses any other bytes; the ETags that it gives
//           are compared if they are MD5s, and its size and the digest in the metadata of the whole.
// Partly:   an upload in parts that was begun and not completed is aborted by abort_uploads().
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "log/spdlog.hpp"
#include "outputs/s3_place.hpp"
#include "towl/file_layer.hpp"
#include "towl/web/s3_client.hpp"

namespace towld {

/// In the metadata of each object that is a file.
inline constexpr const char* kSha256Meta = "towl-sha256";

/// A client of the place, with credentials as they are now. Errors: those of towl::web::find_s3_credentials().
towl::Result<towl::web::S3Client> connect_to(const S3Place& place, std::function<bool()> is_stopped);

/// Of the first `size` bytes of `file`. Errors: io (the file has fewer), closed (is_stopped said so).
towl::Result<std::string> sha256_of(towl::File& file, std::uint64_t size, const std::function<bool()>& is_stopped);

struct Upload {
  std::string key = {};
  std::uint64_t size = 0;
  std::string digest = {};                       ///< sha256_of() the file.
  std::vector<towl::web::Header> metadata = {};  ///< In addition to the digest.
  std::function<void(std::uint64_t)> sent = {};  ///< Told of bytes that have arrived; may be empty.
  std::function<bool()> is_stopped = {};         ///< Then nothing more is sent, not even that an upload is given up.
};

/// Sends `file`, which must still have the digest. Returns the object. Errors: io (the file has changed), corrupt
/// (what is there is not what was sent), and those of the client.
towl::Result<towl::web::S3Object> upload_file(towl::web::S3Client& store, towl::File& file, const Upload& upload);

/// Of keys that begin with `prefix`: what was begun and never completed, by an earlier run or because the answer that
/// named it was lost. Tells `log` (may be null) of each.
towl::Result<void> abort_uploads(towl::web::S3Client& store, const std::string& prefix, const std::string& output,
                                 spdlog::logger* log);

}  // namespace towld
