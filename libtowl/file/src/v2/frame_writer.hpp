// FrameWriter writes frames one after the other to a new file, and what comes after the entries of a sealed one.
//
// Used by sealing and repair, which rewrite a file from existing frames or entries. Nothing is synced here.
// Ownership: borrows the file. Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"
#include "v2/footer.hpp"
#include "v2/frame.hpp"
#include "v2/pages.hpp"

namespace towl::detail::v2 {

class FrameWriter {
 public:
  /// Begins the file with its pages. `life`: the one that its frames are written in; a sealed file has none of its own.
  /// Errors: invalid_argument, no_space, io.
  static Result<FrameWriter> begin(File& file, const HeaderPage& page, Life life = {});

  /// Appends a frame with entries, or a gap, that begins with the next ordinal; `previous` is filled in.
  /// `filter` is its token filter, empty if it has none.
  /// `positions`: as append_positions() writes them. `before`: the digest of all entries before it, if the header
  /// does not have it, as in a gap.
  Result<void> put(FrameHeader header, std::string_view payload, std::string_view positions = {},
                   std::string filter = {}, std::optional<std::uint64_t> before = {});

  /// Appends a frame that travels(): here or, if `sealed` says that finish_sealed() will be called, after all entries.
  /// Of the signed heads of a sealed file the last one is kept, and others only if they are many entries apart.
  Result<void> put_travelling(FrameHeader header, std::string_view payload, bool sealed);

  /// Writes those frames, filters, directory and footer, and the index page: `index` with what the frames say.
  Result<void> finish_sealed(const Index& index);

  /// The index page of a file that is not sealed.
  Result<void> finish(const Index& index);

  const Slot& slot() const { return slot_; }

 private:
  FrameWriter(File& file, std::uint32_t tag, std::uint32_t chain, std::string page, Life life);

  Result<void> flush();
  Result<void> put_behind(FrameHeader header, std::string_view payload, std::string_view positions = {});
  void thin_heads();
  Result<void> put_travelling_frames(std::uint64_t digest);
  Result<void> put_copy(Ordinal first, std::uint64_t digest);
  void fill_index(const Index& index);

  File* file_;
  std::uint32_t tag_;
  std::string page_;  // the header page
  Slot slot_;
  SkipPoints points_;
  Directory directory_;
  std::vector<std::string> filters_;  // one per directory entry; they are small: about a hundredth of the text
  std::vector<std::pair<FrameHeader, std::string>> travelling_;
  std::string pending_;
  std::uint64_t written_ = kDataOffset;
};

}  // namespace towl::detail::v2
