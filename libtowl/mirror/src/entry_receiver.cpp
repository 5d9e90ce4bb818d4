#include "towl/mirror/entry_receiver.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "v2/digest.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/pages.hpp"

namespace towl {

using namespace detail::v2;

class EntryReceiver::Impl {
 public:
  void begin_file(const Uuid& uuid, std::uint64_t count, std::uint64_t digest) {
    tag_ = file_tag(uuid);
    count_ = count;
    digest_ = digest;
  }

  Result<std::uint64_t> unpacked_bytes(std::string_view frames, std::uint64_t overhead_bytes) const {
    if (!tag_) return fail(ErrorCode::invalid_argument, "frames before the file that they belong to");
    std::uint64_t bytes = 0;
    while (!frames.empty()) {
      FrameHeader header;
      if (read_frame_header(frames, *tag_, header) != FrameFound::frame || header.bytes() > frames.size()) {
        return damaged("bytes that are no whole frame of this file");
      }
      // A gap stands for many entries and has none.
      if (header.kind == FrameKind::data) {
        bytes += std::max(header.text_bytes, header.raw_bytes) + header.count * overhead_bytes;
      }
      frames.remove_prefix(static_cast<std::size_t>(header.bytes()));
    }
    return bytes;
  }

  Result<void> take(std::string_view frames, const std::function<void(const EntryView&)>& visit,
                    const std::function<void(const LostEntries&)>& lost) {
    if (!tag_) return fail(ErrorCode::invalid_argument, "frames before the file that they belong to");
    while (!frames.empty()) {
      FrameHeader header;
      if (read_frame_header(frames, *tag_, header) != FrameFound::frame ||
          check_payload(frames, header) != FrameFound::frame) {
        return damaged("bytes that are no whole frame of this file");
      }
      if (auto taken = take_frame(header, payload_of(frames, header), visit, lost); !taken) {
        return taken;
      }
      frames.remove_prefix(static_cast<std::size_t>(header.bytes()));
    }
    return {};
  }

  std::uint64_t count_ = 0;
  std::uint64_t digest_ = 0;

 private:
  Result<void> take_frame(const FrameHeader& header, std::string_view payload,
                          const std::function<void(const EntryView&)>& visit,
                          const std::function<void(const LostEntries&)>& lost) {
    // Other frames are not for a receiver of entries: signed heads, and what a later version may send.
    if (!holds_entries(header.kind)) return {};
    if (header.first > count_) {
      return fail(ErrorCode::invalid_argument,
                  "entry " + std::to_string(header.first) + " was sent, " + std::to_string(count_) + " is the next");
    }
    if (header.end() <= count_) return {};
    if (header.kind == FrameKind::gap) {
      const LostEntries gap{count_, header.end() - count_};
      count_ = header.end();
      digest_ = header.digest;
      if (lost) lost(gap);
      return {};
    }
    if (header.first == count_ && header.digest != digest_) {
      return damaged("the digest of the entries before this frame is another");
    }
    if (auto begun = decoder_.begin(header, payload); !begun) return begun;
    if (auto skipped = decoder_.skip_to(count_); !skipped) return skipped;
    EntryView entry;
    for (;;) {
      const auto more = decoder_.next(entry);
      if (!more) return fail(more.error());
      if (!*more) return {};
      ++count_;
      digest_ = extend_digest(digest_, entry);
      visit(entry);
    }
  }

  tl::unexpected<Error> damaged(std::string what) const {
    Error error{.code = ErrorCode::corrupt, .message = std::move(what)};
    error.ordinal = count_;
    return fail(std::move(error));
  }

  std::optional<std::uint32_t> tag_;
  FrameDecoder decoder_;
};

EntryReceiver::EntryReceiver() : impl_(std::make_unique<Impl>()) {}
EntryReceiver::EntryReceiver(EntryReceiver&&) noexcept = default;
EntryReceiver& EntryReceiver::operator=(EntryReceiver&&) noexcept = default;
EntryReceiver::~EntryReceiver() = default;

void EntryReceiver::begin_file(const Uuid& uuid, std::uint64_t count, std::uint64_t digest) {
  impl_->begin_file(uuid, count, digest);
}
std::uint64_t EntryReceiver::count() const { return impl_->count_; }
std::uint64_t EntryReceiver::digest() const { return impl_->digest_; }
Result<std::uint64_t> EntryReceiver::unpacked_bytes(std::string_view frames, std::uint64_t overhead_bytes) const {
  return impl_->unpacked_bytes(frames, overhead_bytes);
}
Result<void> EntryReceiver::take(std::string_view frames, const std::function<void(const EntryView&)>& visit,
                                 const std::function<void(const LostEntries&)>& lost) {
  return impl_->take(frames, visit, lost);
}

}  // namespace towl
