#include "outputs/s3/upload.hpp"

#include <algorithm>

#include "limits/limits.hpp"

namespace towld {
namespace {

/// Calls `take` with the file's bytes, `step` at a time.
template <class Take>
towl::Result<void> read_pieces(towl::File& file, std::uint64_t size, std::size_t step, const Take& take) {
  for (std::uint64_t at = 0; at < size;) {
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(step, size - at)), '\0');
    const auto got = file.read_at(at, piece);
    if (!got) return towl::fail(got.error());
    if (*got != piece.size()) return towl::fail(towl::ErrorCode::io, "the file became shorter while it was sent");
    at += piece.size();
    if (auto taken = take(std::move(piece)); !taken) return taken;
  }
  return {};
}

void tell_sent(const Upload& upload, std::uint64_t bytes) {
  if (upload.sent) upload.sent(bytes);
}

towl::Result<void> send_whole(towl::web::S3Client& store, towl::File& file, const Upload& upload,
                              const std::vector<towl::web::Header>& metadata) {
  return read_pieces(file, upload.size, kArchivePartBytes, [&](std::string piece) -> towl::Result<void> {
    if (towl::web::sha256_hex(piece) != upload.digest) {
      return towl::fail(towl::ErrorCode::io, "the file is being changed");
    }
    const std::uint64_t bytes = piece.size();
    auto put = store.put(upload.key, std::move(piece), metadata);
    if (put) tell_sent(upload, bytes);
    return put;
  });
}

towl::Result<void> send_parts(towl::web::S3Client& store, towl::File& file, const Upload& upload,
                              const std::vector<towl::web::Header>& metadata) {
  const auto begun = store.begin_upload(upload.key, metadata);
  if (!begun) return towl::fail(begun.error());
  std::vector<std::string> etags;
  towl::web::Sha256 whole;
  // At most so many parts are allowed (S3: 10,000).
  const std::size_t step = std::max<std::size_t>(kArchivePartBytes, upload.size / kMaxArchiveParts + 1);
  auto done = read_pieces(file, upload.size, step, [&](std::string piece) -> towl::Result<void> {
    whole.add(piece);
    const std::uint64_t bytes = piece.size();
    auto etag = store.put_part(upload.key, *begun, static_cast<int>(etags.size()) + 1, std::move(piece));
    if (!etag) return towl::fail(std::move(etag.error()));
    etags.push_back(std::move(*etag));
    tell_sent(upload, bytes);
    return {};
  });
  if (done && whole.hex() != upload.digest) {
    done = towl::fail(towl::ErrorCode::io, "the file is being changed", upload.key);
  }
  if (done) done = store.complete_upload(upload.key, *begun, etags);
  // If this fails as well, abort_uploads() does it.
  const bool is_stopped = upload.is_stopped && upload.is_stopped();
  if (!done && !is_stopped) static_cast<void>(store.abort_upload(upload.key, *begun));
  return done;
}

}  // namespace

towl::Result<towl::web::S3Client> connect_to(const S3Place& place, std::function<bool()> is_stopped) {
  auto credentials = towl::web::find_s3_credentials(place.credentials_file);
  if (!credentials) return towl::fail(std::move(credentials.error()));
  return towl::web::S3Client({place.endpoint, place.region, place.bucket}, std::move(*credentials),
                             {.ca = place.ca, .skip_verify = place.skip_verify}, std::move(is_stopped));
}

towl::Result<std::string> sha256_of(towl::File& file, std::uint64_t size, const std::function<bool()>& is_stopped) {
  towl::web::Sha256 whole;
  const auto read = read_pieces(file, size, kArchivePartBytes, [&](const std::string& piece) -> towl::Result<void> {
    whole.add(piece);
    if (is_stopped && is_stopped()) return towl::fail(towl::ErrorCode::closed, "stopped");
    return {};
  });
  if (!read) return towl::fail(read.error());
  return whole.hex();
}

towl::Result<towl::web::S3Object> upload_file(towl::web::S3Client& store, towl::File& file, const Upload& upload) {
  std::vector<towl::web::Header> metadata = upload.metadata;
  metadata.emplace_back(kSha256Meta, upload.digest);
  const bool is_large = upload.size > kArchivePartBytes;
  auto sent = is_large ? send_parts(store, file, upload, metadata) : send_whole(store, file, upload, metadata);
  if (!sent) return towl::fail(std::move(sent.error()));
  auto there = store.head(upload.key);
  if (!there) return towl::fail(std::move(there.error()));
  if (!*there || (*there)->size != upload.size || (*there)->meta(kSha256Meta) != upload.digest) {
    return towl::fail(towl::ErrorCode::corrupt, "what the object store has is not what was sent", upload.key);
  }
  return std::move(**there);
}

towl::Result<void> abort_uploads(towl::web::S3Client& store, const std::string& prefix, const std::string& output,
                                 spdlog::logger* log) {
  const auto left = store.uploads(prefix);
  if (!left) return towl::fail(left.error());
  for (const towl::web::S3Upload& upload : *left) {
    // Some stores answer with all uploads, whatever was asked for.
    if (!upload.key.starts_with(prefix)) continue;
    if (auto aborted = store.abort_upload(upload.key, upload.id); !aborted) return aborted;
    if (log != nullptr) log->info("output {}: an upload of {} was left: aborted", output, upload.key);
  }
  return {};
}

}  // namespace towld
