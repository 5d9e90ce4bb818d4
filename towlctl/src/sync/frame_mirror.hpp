// FrameMirror is the MirrorFile of files of format 2.
//
// What the collector has re-framed meanwhile (sealed) and what it has framed anew for us fits behind what is here all
// the same: frames are linked again on arrival, and the digest proves that the entries are the same. A copy that began
// with the sealed file becomes that file byte for byte.
#pragma once

#include "sync/mirror_file.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/pages.hpp"

namespace towlctl {

class FrameMirror final : public MirrorFile {
 public:
  static towl::Result<std::unique_ptr<MirrorFile>> make(const std::filesystem::path& folder, const RemoteFile& remote,
                                                        towl::FileLayer& layer);

  FrameMirror(const std::filesystem::path& folder, const RemoteFile& remote, std::string front, towl::FileLayer& layer);

  bool sealed() const override { return stored_.index.sealed; }
  bool up_to_date(const RemoteFile& remote) const override;
  towl::Result<MirrorProof> proof() const override;
  towl::Result<void> recount() override;
  towl::Result<void> begin() override;
  towl::Result<void> append(const ChunkView& chunk) override;
  towl::Result<void> reached(const RemoteFile& remote) override;
  towl::Result<void> save() override;

 private:
  towl::Result<void> look() override;
  towl::Result<void> look_behind(towl::detail::v2::Slot slot);
  towl::Result<void> take_frames(const ChunkView& chunk);
  towl::Result<void> take_trailer(const ChunkView& chunk);
  towl::Result<void> write_slot();
  towl::Result<void> write_sealed_slot();

  const std::uint32_t tag_;
  const std::uint32_t remote_gaps_;
  towl::detail::v2::Slot stored_;                 // as in the file
  towl::detail::v2::Slot now_;                    // as what is there would have it
  std::optional<towl::detail::v2::Slot> footer_;  // of the sealed file that was received, to the last byte
  towl::detail::v2::SkipPoints points_;
  towl::detail::v2::FrameDecoder decoder_;
  std::string relinked_;
};

}  // namespace towlctl
