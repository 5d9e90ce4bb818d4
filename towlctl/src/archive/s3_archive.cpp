#include "archive/s3_archive.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace towlctl {
namespace {

namespace fs = std::filesystem;

struct Place {
  std::string bucket;
  std::string key;
};

/// Of s3://BUCKET/KEY, with any number of slashes before the bucket.
towl::Result<Place> place_of(const fs::path& path) {
  std::string_view rest = path.native();
  rest.remove_prefix(std::min<std::size_t>(rest.size(), 3));  // s3:
  rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
  const auto slash = std::min(rest.find('/'), rest.size());
  Place place{std::string(rest.substr(0, slash)), std::string(rest.substr(std::min(slash + 1, rest.size())))};
  while (place.key.ends_with('/')) place.key.pop_back();
  if (!place.bucket.empty()) return place;
  return towl::fail(towl::ErrorCode::invalid_argument, "names no bucket: s3://BUCKET/PREFIX", path.string());
}

tl::unexpected<towl::Error> is_only_read(const fs::path& path) {
  return towl::fail(towl::ErrorCode::permission_denied,
                    "an archive is only read: `towlctl restore` brings its files into a local store", path.string());
}

}  // namespace

class S3Archive::Lease {
 public:
  Lease(S3Archive& archive, const std::string& bucket)
      : archive_(archive), bucket_(bucket), client_(archive.take_client(bucket)), before_(client_->received_bytes()) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    std::lock_guard lock(archive_.mutex_);
    archive_.received_bytes_ += client_->received_bytes() - before_;
    archive_.idle_.emplace_back(bucket_, std::move(client_));
  }

  towl::web::S3Client* operator->() { return client_.get(); }

 private:
  S3Archive& archive_;
  std::string bucket_;
  std::unique_ptr<towl::web::S3Client> client_;
  std::uint64_t before_;
};

std::unique_ptr<towl::web::S3Client> S3Archive::take_client(const std::string& bucket) {
  std::lock_guard lock(mutex_);
  const auto idle = std::find_if(idle_.begin(), idle_.end(), [&](const auto& one) { return one.first == bucket; });
  if (idle != idle_.end()) {
    auto client = std::move(idle->second);
    idle_.erase(idle);
    return client;
  }
  auto address = address_;
  address.bucket = bucket;
  return std::make_unique<towl::web::S3Client>(address, credentials_, security_);
}

class S3Archive::RemoteFile final : public towl::File {
 public:
  RemoteFile(S3Archive& archive, fs::path path, Place place, std::uint64_t size)
      : archive_(archive),
        path_(std::move(path)),
        place_(std::move(place)),
        size_(size),
        block_bytes_(path_.extension() == ".filter" ? kFilterBlockBytes : kBlockBytes) {}

  towl::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
    if (offset >= size_) return std::size_t{0};
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size_ - offset));
    std::size_t done = 0;
    while (done < wanted) {
      const std::uint64_t at = offset + done;
      const std::uint64_t block = at / block_bytes_;
      auto bytes = archive_.find({path_.native(), block});
      if (!bytes) {
        if (auto fetched = fetch(block, (offset + wanted - 1) / block_bytes_); !fetched) {
          return towl::fail(std::move(fetched.error()));
        }
        bytes = archive_.find({path_.native(), block});
        if (!bytes) return towl::fail(towl::ErrorCode::io, "the cache is too small", path_.string());
      }
      const auto within = static_cast<std::size_t>(at - block * block_bytes_);
      if (within >= bytes->size()) return towl::fail(towl::ErrorCode::io, "is shorter than listed", path_.string());
      const std::size_t part = std::min(bytes->size() - within, wanted - done);
      std::copy_n(bytes->data() + within, part, buffer.data() + done);
      done += part;
    }
    return done;
  }

  towl::Result<void> write_at(std::uint64_t, std::string_view) override { return is_only_read(path_); }
  towl::Result<void> sync() override { return is_only_read(path_); }
  towl::Result<std::uint64_t> size() override { return size_; }
  towl::Result<void> truncate(std::uint64_t) override { return is_only_read(path_); }
  towl::Result<void> reserve(std::uint64_t, std::uint64_t) override { return is_only_read(path_); }
  towl::Result<void> release_reserved() override { return {}; }
  towl::Result<towl::FileIdentity> identity() override {
    return towl::FileIdentity{0, std::hash<std::string>()(path_.native())};
  }

 private:
  /// Fetches the blocks from `first` to `last`, and some more if the reads are sequential.
  towl::Result<void> fetch(std::uint64_t first, std::uint64_t last) {
    std::uint64_t count = last - first + 1;
    {
      std::lock_guard lock(mutex_);
      ahead_ = first == next_ ? std::min(2 * ahead_, kMaxFetchBytes / block_bytes_) : 1;
      count = std::min(std::max(count, ahead_), kMaxFetchBytes / block_bytes_);
      next_ = first + count;
    }
    const std::uint64_t offset = first * block_bytes_;
    const std::uint64_t length = std::min(count * block_bytes_, size_ - offset);
    Lease client(archive_, place_.bucket);
    const auto got = client->get(place_.key, offset, length);
    if (!got) return towl::fail(got.error());
    if (!*got) return towl::fail(towl::ErrorCode::not_found, "is not in the archive any more", path_.string());
    if ((*got)->size() != length) {
      return towl::fail(towl::ErrorCode::io, "the object store sends another length than asked for", path_.string());
    }
    const std::string_view all = **got;
    for (std::uint64_t at = 0; at < length; at += block_bytes_) {
      archive_.keep({path_.native(), first + at / block_bytes_},
                    std::make_shared<const std::string>(all.substr(at, block_bytes_)));
    }
    return {};
  }

  S3Archive& archive_;
  const fs::path path_;
  const Place place_;
  const std::uint64_t size_;
  const std::uint64_t block_bytes_;
  std::mutex mutex_;
  std::uint64_t next_ = ~std::uint64_t{0};
  std::uint64_t ahead_ = 1;
};

S3Archive::S3Archive(towl::web::S3Address address, towl::web::S3Credentials credentials,
                     towl::web::ClientSecurity security)
    : address_(std::move(address)), credentials_(std::move(credentials)), security_(std::move(security)) {}
S3Archive::~S3Archive() = default;

towl::Result<std::unique_ptr<towl::File>> S3Archive::open(const fs::path& path, towl::OpenMode mode) {
  if (mode != towl::OpenMode::read) return is_only_read(path);
  auto place = place_of(path);
  if (!place) return towl::fail(std::move(place.error()));
  std::optional<std::uint64_t> size;
  {
    std::lock_guard lock(mutex_);
    if (const auto listed = listed_.find(path.native()); listed != listed_.end()) size = listed->second.size;
  }
  if (!size) {
    Lease client(*this, place->bucket);
    const auto object = client->head(place->key);
    if (!object) return towl::fail(object.error());
    if (!*object) return towl::fail(towl::ErrorCode::not_found, "no such file in the archive", path.string());
    size = (*object)->size;
    std::lock_guard lock(mutex_);
    listed_[path.native()] = {(*object)->size, (*object)->etag};
  }
  return std::make_unique<RemoteFile>(*this, path, std::move(*place), *size);
}

towl::Result<std::vector<std::string>> S3Archive::list(const fs::path& folder) {
  const auto place = place_of(folder);
  if (!place) return towl::fail(place.error());
  const std::string prefix = place->key.empty() ? "" : place->key + "/";
  Lease client(*this, place->bucket);
  const auto objects = client->list(prefix, "/");
  if (!objects) return towl::fail(objects.error());
  if (objects->empty()) {
    return towl::fail(towl::ErrorCode::not_found, "the archive has nothing there", folder.string());
  }
  std::vector<std::string> names;
  std::lock_guard lock(mutex_);
  for (const towl::web::S3Object& object : *objects) {
    names.push_back(object.key.substr(std::min(prefix.size(), object.key.size())));
    listed_[(folder / names.back()).native()] = {object.size, object.etag};
  }
  return names;
}

std::string S3Archive::stamp(const fs::path& path) {
  std::lock_guard lock(mutex_);
  const auto listed = listed_.find(path.native());
  return listed == listed_.end() ? std::string() : listed->second.etag;
}

towl::Result<std::string> S3Archive::digest_of(const fs::path& path) {
  const auto place = place_of(path);
  if (!place) return towl::fail(place.error());
  Lease client(*this, place->bucket);
  const auto object = client->head(place->key);
  if (!object) return towl::fail(object.error());
  if (!*object) return towl::fail(towl::ErrorCode::not_found, "no such file in the archive", path.string());
  return std::string((*object)->meta("towl-sha256"));
}

towl::Result<std::string> S3Archive::digest_of(towl::File& file) {
  towl::web::Sha256 whole;
  std::string step(static_cast<std::size_t>(kMaxFetchBytes), '\0');
  for (std::uint64_t at = 0;;) {
    const auto got = file.read_at(at, step);
    if (!got) return towl::fail(got.error());
    if (*got == 0) return whole.hex();
    whole.add(std::string_view(step.data(), *got));
    at += *got;
  }
}

std::uint64_t S3Archive::received_bytes() const {
  std::lock_guard lock(mutex_);
  return received_bytes_;
}

std::shared_ptr<const std::string> S3Archive::find(const BlockKey& key) {
  std::lock_guard lock(mutex_);
  const auto found = blocks_.find(key);
  if (found == blocks_.end()) return nullptr;
  ages_.splice(ages_.begin(), ages_, found->second.second);
  return found->second.first;
}

void S3Archive::keep(const BlockKey& key, std::shared_ptr<const std::string> bytes) {
  std::lock_guard lock(mutex_);
  if (blocks_.contains(key)) return;
  cached_bytes_ += bytes->size();
  ages_.push_front(key);
  blocks_.emplace(key, std::pair(std::move(bytes), ages_.begin()));
  while (cached_bytes_ > kCacheBytes && ages_.size() > 1) {
    const auto oldest = blocks_.find(ages_.back());
    cached_bytes_ -= oldest->second.first->size();
    blocks_.erase(oldest);
    ages_.pop_back();
  }
}

towl::Result<void> S3Archive::create_folder(const fs::path& folder) { return is_only_read(folder); }
towl::Result<void> S3Archive::rename(const fs::path& from, const fs::path&) { return is_only_read(from); }
towl::Result<void> S3Archive::remove(const fs::path& path) { return is_only_read(path); }
towl::Result<void> S3Archive::sync_folder(const fs::path& folder) { return is_only_read(folder); }
towl::Result<std::unique_ptr<towl::FileLock>> S3Archive::lock(const fs::path& path) { return is_only_read(path); }
towl::Result<towl::Space> S3Archive::space(const fs::path& folder) { return is_only_read(folder); }

}  // namespace towlctl
