// Entries of format 1, back to back.
#pragma once

#include <string>

#include "appender.hpp"
#include "pages_io.hpp"
#include "v1/entry_codec.hpp"

namespace towl::detail::v1 {

class EntryAppender final : public Appender {
 public:
  /// `usual_bytes`: memory for more than a few times this is given back.
  explicit EntryAppender(std::size_t usual_bytes) : usual_bytes_(usual_bytes) {}

  void add(const EntryView& entry, Index& index) override {
    encoder_.encode(entry);
    count_entry(entry, index);
  }
  bool add_together(std::span<const EntryView>, std::span<const SourcePosition>, Index&) override { return false; }
  bool add_gap(std::uint64_t, std::span<const SourcePosition>, Timestamp, Index&) override { return false; }
  std::size_t gathered_bytes() const override { return pending_.size(); }
  std::string_view stored(Ordinal, std::uint64_t) override { return pending_; }
  std::string_view closing(Ordinal, const Index&, std::uint64_t) override { return {}; }
  std::string_view head(std::string_view, Ordinal, const Index&, std::uint64_t) override { return {}; }
  void begin_life(std::uint32_t, Ordinal) override {}
  void written(std::uint64_t) override { drop(); }
  void drop() override {
    if (pending_.capacity() > 4 * usual_bytes_) {
      pending_ = std::string();
    } else {
      pending_.clear();
    }
  }
  void synced() override {}
  Result<void> write_index(File& file, const Index& index, const Position&) override {
    return write_index_v1(file, index);
  }
  Result<void> visit_stored(std::string_view bytes, const VisitEntry& visit, const VisitGap&) const override {
    EntryView entry;
    EntryDecoder decoder;
    while (!bytes.empty()) {
      const Decoded decoded = decoder.decode(bytes, entry);
      if (decoded.found != Found::entry) break;
      if (auto done = visit(entry); !done) return done;
      bytes.remove_prefix(decoded.bytes);
    }
    return {};
  }

 private:
  std::size_t usual_bytes_;
  std::string pending_;
  EntryEncoder encoder_{pending_};
};

}  // namespace towl::detail::v1
