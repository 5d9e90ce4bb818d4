// FrameMirror is the FileMirror of files of format 2.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "local_copy.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/pages.hpp"

namespace towl::detail {

class FrameMirror final : public LocalCopy {
 public:
  static Result<std::unique_ptr<LocalCopy>> make(const std::filesystem::path& folder, const ServedFile& remote,
                                                 FileLayer& layer);

  FrameMirror(const std::filesystem::path& folder, const ServedFile& remote, std::string front, FileLayer& layer);

  bool sealed() const override { return stored_.index.sealed; }
  std::uint32_t gaps() const override { return now_.index.gaps; }
  Result<std::vector<LostEntries>> lost() override;
  bool heals(const ChunkView& chunk) const override;
  std::vector<LostEntries> take_new_gaps() override { return std::exchange(new_gaps_, {}); }
  bool up_to_date(const ServedFile& remote) const override;
  Result<MirrorProof> proof() override;
  Result<void> recount() override;
  Result<void> begin() override;
  Result<void> append(const ChunkView& chunk) override;
  Result<void> reached(const ServedFile& remote) override;
  Result<void> save() override;

  Result<void> look() override;

 private:
  Result<void> look_from(const v2::Slot& slot);
  Result<void> take_frames(const ChunkView& chunk);
  std::string_view without_known_heads(std::string_view bytes) const;
  Result<void> take_trailer(const ChunkView& chunk);
  Result<void> finish_digest();
  Result<void> drop_last(const Error& why);
  Result<void> write_slot();
  Result<void> write_sealed_slot();

  const std::uint32_t tag_;
  v2::Slot stored_;                  // as in the file
  v2::Slot now_;                     // as it should be for what is there now
  std::optional<v2::Slot> footer_;   // of the sealed file that was received, to the last byte
  std::uint32_t trailer_chain_ = 0;  // Header checksum of the last frame that was written after the entries.
  v2::SkipPoints points_;
  // The last frame received: the digest and the last time after it are known once it is decoded, which is not done
  // before somebody asks.
  std::optional<v2::FrameHeader> undigested_;
  std::uint64_t undigested_at_ = 0;
  // The payloads' checksums of the signed heads after the last entry: a pull from there is sent them once more.
  std::vector<std::uint32_t> last_heads_;
  v2::FrameDecoder decoder_;
  std::string relinked_;
  std::vector<LostEntries> new_gaps_;
};

}  // namespace towl::detail
