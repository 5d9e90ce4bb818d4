#include "towl/mirror/file_feed.hpp"

#include <utility>

#include "entry_feed.hpp"
#include "frame_feed.hpp"
#include "pages_io.hpp"

namespace towl {

tl::unexpected<Error> detail::not_a_copy(FileId file_id, const std::string& difference) {
  return fail(ErrorCode::diverged, "file " + std::to_string(file_id) + " is not what the mirror has: " + difference);
}

Result<std::unique_ptr<FileFeed>> FileFeed::open(const std::filesystem::path& path, const ServedFile& file,
                                                 std::uint64_t count, const std::optional<MirrorProof>& proof,
                                                 FileLayer* layer) {
  const std::string name = "file " + std::to_string(file.file_id());
  if (count > file.index.count) {
    return fail(ErrorCode::past_end,
                name + " has " + std::to_string(file.index.count) + " entries, COUNT is " + std::to_string(count));
  }
  auto opened = detail::layer_or_posix(layer).open(path, OpenMode::read);
  if (!opened && opened.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::removed, name + " was removed by retention");
  }
  if (!opened) return fail(std::move(opened.error()));
  if (proof && proof->opened != file.index.opened) {
    return detail::not_a_copy(file.file_id(), "it was opened at another time");
  }
  return detail::is_v2(file.header) ? detail::FrameFeed::begin(std::move(*opened), path.string(), file, count, proof)
                                    : detail::EntryFeed::begin(std::move(*opened), path.string(), file, count, proof);
}

}  // namespace towl
