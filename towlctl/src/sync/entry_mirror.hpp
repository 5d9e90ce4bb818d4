// EntryMirror is the MirrorFile of files of format 1: byte for byte the collector's.
#pragma once

#include "sync/mirror_file.hpp"

namespace towlctl {

class EntryMirror final : public MirrorFile {
 public:
  static towl::Result<std::unique_ptr<MirrorFile>> make(const std::filesystem::path& folder, const RemoteFile& remote,
                                                        towl::FileLayer& layer);

  EntryMirror(const std::filesystem::path& folder, const RemoteFile& remote, std::string front, towl::FileLayer& layer)
      : MirrorFile(folder, remote, std::move(front), layer) {}

  bool up_to_date(const RemoteFile& remote) const override;
  towl::Result<MirrorProof> proof() const override;
  towl::Result<void> recount() override;
  towl::Result<void> begin() override;
  towl::Result<void> append(const ChunkView& chunk) override;
  towl::Result<void> reached(const RemoteFile& remote) override;
  towl::Result<void> save() override;

 private:
  towl::Result<void> look() override;
  towl::Result<void> write_index(const towl::Index& index);

  bool index_readable_ = false;
  towl::Index index_;  // as in the file
  towl::Index now_;    // as it would be written now, without `closed`
};

}  // namespace towlctl
