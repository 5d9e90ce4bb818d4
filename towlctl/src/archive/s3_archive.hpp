// S3Archive is an Archive in an object store that speaks S3's protocol.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "archive/archive.hpp"
#include "towl/web/s3_client.hpp"

namespace towlctl {

/// The least that is read at once: a file's header, its directory and a frame fit into a few of these.
inline constexpr std::uint64_t kBlockBytes = std::uint64_t{64} << 10;
/// The most that is read at once, when reads are sequential.
inline constexpr std::uint64_t kMaxFetchBytes = std::uint64_t{4} << 20;
/// For filters: a search reads a few bytes here and there. See spec/store-filters.md.
inline constexpr std::uint64_t kFilterBlockBytes = 512;
inline constexpr std::uint64_t kCacheBytes = std::uint64_t{64} << 20;

class S3Archive final : public Archive {
 public:
  /// The address has no bucket: paths name it.
  S3Archive(towl::web::S3Address address, towl::web::S3Credentials credentials, towl::web::ClientSecurity security);
  ~S3Archive() override;

  towl::Result<std::unique_ptr<towl::File>> open(const std::filesystem::path& path, towl::OpenMode mode) override;
  towl::Result<std::vector<std::string>> list(const std::filesystem::path& folder) override;
  /// The ETag of a file that was listed or opened.
  std::string stamp(const std::filesystem::path& path) override;
  towl::Result<std::string> digest_of(const std::filesystem::path& path) override;
  towl::Result<std::string> digest_of(towl::File& file) override;
  std::uint64_t received_bytes() const override;

  // An archive is only read: permission_denied.
  towl::Result<void> create_folder(const std::filesystem::path& folder) override;
  towl::Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  towl::Result<void> remove(const std::filesystem::path& path) override;
  towl::Result<void> sync_folder(const std::filesystem::path& folder) override;
  towl::Result<std::unique_ptr<towl::FileLock>> lock(const std::filesystem::path& path) override;
  towl::Result<towl::Space> space(const std::filesystem::path& folder) override;

 private:
  class RemoteFile;
  using BlockKey = std::pair<std::string, std::uint64_t>;  // path, number

  /// A client for the time of a call. Clients are kept for the next calls.
  class Lease;
  std::unique_ptr<towl::web::S3Client> take_client(const std::string& bucket);

  std::shared_ptr<const std::string> find(const BlockKey& key);
  void keep(const BlockKey& key, std::shared_ptr<const std::string> bytes);

  const towl::web::S3Address address_;
  const towl::web::S3Credentials credentials_;
  const towl::web::ClientSecurity security_;

  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::unique_ptr<towl::web::S3Client>>> idle_;  // by bucket
  struct Listed {
    std::uint64_t size = 0;
    std::string etag;
  };
  std::map<std::string, Listed> listed_;  // by path
  std::map<BlockKey, std::pair<std::shared_ptr<const std::string>, std::list<BlockKey>::iterator>> blocks_;
  std::list<BlockKey> ages_;  // the one used last in front
  std::uint64_t cached_bytes_ = 0;
  std::uint64_t received_bytes_ = 0;
};

}  // namespace towlctl
