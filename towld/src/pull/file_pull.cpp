#include "pull/file_pull.hpp"

#include <utility>

#include "pages_io.hpp"
#include "pull/entry_pull.hpp"
#include "pull/frame_pull.hpp"

namespace towld {
namespace {

using Reason = PullRefusal::Reason;

tl::unexpected<PullRefusal> refuse(Reason reason, std::string message) {
  return tl::unexpected(PullRefusal{reason, std::move(message)});
}

std::string file_name(towl::FileId file_id) { return "file " + std::to_string(file_id); }

}  // namespace

tl::unexpected<PullRefusal> refuse(const towl::Error& error) {
  const bool damage = error.code == towl::ErrorCode::corrupt || error.code == towl::ErrorCode::entry_too_large;
  return refuse(damage ? Reason::damaged : Reason::io, error.to_string());
}

tl::unexpected<PullRefusal> refuse_diverged(towl::FileId file_id, const std::string& difference) {
  return refuse(Reason::diverged, file_name(file_id) + " is not what the mirror has: " + difference);
}

PullResult<std::unique_ptr<FilePull>> FilePull::open(const Catalog& catalog, EntryPoints& points,
                                                     const PublicFile& info, std::uint64_t count,
                                                     const std::optional<Proof>& proof) {
  if (count > info.index.count) {
    return refuse(Reason::past_end, file_name(info.file_id()) + " has " + std::to_string(info.index.count) +
                                        " entries, COUNT is " + std::to_string(count));
  }
  std::string path = catalog.path_of(info.file_id()).string();
  auto file = towl::posix_file_layer().open(path, towl::OpenMode::read);
  if (!file && file.error().code == towl::ErrorCode::not_found) {
    return refuse(Reason::retired, file_name(info.file_id()) + " was removed by retention");
  }
  if (!file) return refuse(file.error());
  if (proof && proof->opened != info.index.opened) {
    return refuse_diverged(info.file_id(), "it was opened at another time");
  }
  return towl::detail::is_v2(info.header)
             ? FramePull::open(std::move(*file), std::move(path), info, count, proof)
             : EntryPull::open(std::move(*file), std::move(path), points, info, count, proof);
}

}  // namespace towld
