#include <algorithm>
#include <mutex>
#include <utility>

#include "pages_io.hpp"
#include "towl/file_reader.hpp"
#include "towl/signed_heads.hpp"
#include "v2/head.hpp"

namespace towl {

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

}  // namespace

class HeadSigner::Impl {
 public:
  Impl(Signer signer, std::function<Timestamp()> clock, FileLayer* layer)
      : signer_(std::move(signer)), clock_(std::move(clock)), layer_(layer) {}

  Result<void> advance(const std::filesystem::path& path, std::uint64_t count) {
    if (auto begun = begin(path); !begun) return begun;
    return hash_to(path, count);
  }

  Result<std::string> sign(const std::filesystem::path& path, std::uint64_t count) {
    if (auto begun = begin(path); !begun) return fail(std::move(begun.error()));
    if (path != path_ || count == 0 || count == signed_count_ || tree_.count() > count) return std::string();
    if (auto done = hash_to(path, count); !done) return fail(std::move(done.error()));
    detail::v2::Head head;
    head.tree = tree_;
    head.head.count = count;
    head.head.time = clock_();
    head.head.root = tree_.root();
    auto signature = signer_.sign(detail::v2::head_message(reader_->header(), head.head));
    if (!signature) return fail(std::move(signature.error()));
    if (signer_.public_key.size() != kKeyBytes || signature->size() != kSignatureBytes) {
      return fail(ErrorCode::invalid_argument, "the signer's key or signature is none of Ed25519");
    }
    head.head.public_key = signer_.public_key;
    head.head.signature = std::move(*signature);
    signed_count_ = count;
    return detail::v2::encode_head(head);
  }

  std::mutex mutex_;

 private:
  // Continues with the file, or begins with it if it is a later one.
  Result<void> begin(const std::filesystem::path& path) {
    if (path == path_) return {};
    auto reader = FileReader::open(path, {.layer = layer_});
    if (!reader) return fail(std::move(reader.error()));
    if (!detail::is_v2(reader->header())) {
      return fail(ErrorCode::invalid_argument, "files of format 1 cannot be signed", path.string());
    }
    // A request for an earlier file comes too late.
    if (reader_ && reader->header().file_id < reader_->header().file_id) return {};
    reader_ = std::move(*reader);
    path_ = path;
    tree_ = {};
    signed_count_ = 0;
    return {};
  }

  Result<void> hash_to(const std::filesystem::path& path, std::uint64_t count) {
    if (path != path_) return {};
    while (tree_.count() < count) {
      const auto entry = reader_->next();
      if (!entry) {
        path_.clear();  // The next call begins again, from the first entry.
        return fail(entry.error());
      }
      // Missing entries are ordinals that a recovery has burnt, or a gap.
      if (!*entry) return take_end(path, count);
      tree_.add_lost(std::min(reader_->ordinal(), count) - tree_.count());
      if (reader_->ordinal() >= count) return reader_->seek(count);
      tree_.add(**entry);
    }
    return {};
  }

  // No entry follows, but a gap may.
  Result<void> take_end(const std::filesystem::path& path, std::uint64_t count) {
    const auto end = reader_->skip_to_end();
    if (!end) return fail(end.error());
    if (end->ordinal < count) {
      path_.clear();
      return fail(ErrorCode::corrupt, "entries that were written cannot be read: they are not signed", path.string());
    }
    tree_.add_lost(count - tree_.count());
    // What was written in the meantime comes next.
    return reader_->seek(count);
  }

  Signer signer_;
  std::function<Timestamp()> clock_;
  FileLayer* layer_;
  std::filesystem::path path_;
  std::optional<FileReader> reader_;
  detail::v2::EntryTree tree_;
  std::uint64_t signed_count_ = 0;
};

HeadSigner::HeadSigner(Signer signer, std::function<Timestamp()> clock, FileLayer* layer)
    : impl_(std::make_unique<Impl>(std::move(signer), std::move(clock), layer)) {}
HeadSigner::~HeadSigner() = default;

Result<void> HeadSigner::advance(const std::filesystem::path& path, std::uint64_t count) {
  std::lock_guard lock(impl_->mutex_);
  return impl_->advance(path, count);
}

Result<std::string> HeadSigner::sign(const std::filesystem::path& path, std::uint64_t count) {
  std::lock_guard lock(impl_->mutex_);
  return impl_->sign(path, count);
}

}  // namespace towl
