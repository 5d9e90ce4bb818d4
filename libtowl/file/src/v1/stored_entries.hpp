// The entries of a file of format 1, which can only be found one after the other.
#pragma once

#include "entry_source.hpp"
#include "v1/entry_cursor.hpp"
#include "v1/layout.hpp"

namespace towl::detail::v1 {

class StoredEntries final : public EntrySource {
 public:
  StoredEntries(File& file, std::string path, const ReadOptions& options);

  Result<bool> next(EntryView& entry) override;
  Result<bool> next_batch(Ordinal end, EntryBatch& batch) override;
  Ordinal ordinal() const override { return cursor_.position().ordinal - 1; }
  Result<void> seek(Ordinal ordinal) override;
  void seek(const Position& position) override;
  Position position() const override { return cursor_.position(); }
  Result<Position> skip_to_end() override;
  Result<void> points(std::uint64_t every_bytes, std::vector<Position>& points) override;
  Result<void> pieces(std::vector<Piece>& pieces) override;

 private:
  bool in_time_range(const EntryView& entry) const {
    return (!since_ || entry.received >= *since_) && (!until_ || entry.received < *until_);
  }
  Result<void> check(Found found) const;
  Result<void> skip_to(Ordinal ordinal);
  Result<bool> skip_to_wanted();

  std::string path_;
  std::optional<Timestamp> since_;
  std::optional<Timestamp> until_;
  EntryCursor cursor_;
  std::vector<EntryView> batch_;
  Ordinal wanted_ = 0;  // Where seek() wants to be; the file may not reach so far yet.
};

}  // namespace towl::detail::v1
