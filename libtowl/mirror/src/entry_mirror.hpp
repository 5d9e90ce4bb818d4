// EntryMirror is the FileMirror of files of format 1: byte for byte the collector's.
#pragma once

#include "local_copy.hpp"

namespace towl::detail {

class EntryMirror final : public LocalCopy {
 public:
  static Result<std::unique_ptr<LocalCopy>> make(const std::filesystem::path& folder, const ServedFile& remote,
                                                 FileLayer& layer);

  EntryMirror(const std::filesystem::path& folder, const ServedFile& remote, std::string front, FileLayer& layer)
      : LocalCopy(folder, remote, std::move(front), layer) {}

  bool sealed() const override { return false; }
  // Format 1 has no gaps.
  std::uint32_t gaps() const override { return 0; }
  Result<std::vector<LostEntries>> lost() override { return std::vector<LostEntries>(); }
  bool heals(const ChunkView&) const override { return false; }
  std::vector<LostEntries> take_new_gaps() override { return {}; }
  bool up_to_date(const ServedFile& remote) const override;
  Result<MirrorProof> proof() override;
  Result<void> recount() override;
  Result<void> begin() override;
  Result<void> append(const ChunkView& chunk) override;
  Result<void> reached(const ServedFile& remote) override;
  Result<void> save() override;

  Result<void> look() override;

 private:
  Result<void> write_index(const Index& index);

  bool index_readable_ = false;
  Index index_;  // as in the file
  Index now_;    // as it would be written now, without `closed`
};

}  // namespace towl::detail
