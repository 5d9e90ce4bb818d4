#include "sync/fetched_copy.hpp"

#include <string>
#include <system_error>
#include <utility>

#include "sync/file_list.hpp"
#include "sync/pull_file.hpp"
#include "sync/sync_report.hpp"
#include "towl/file_name.hpp"
#include "towl/mirror/store_mirror.hpp"

namespace towlctl {

namespace fs = std::filesystem;

FetchedCopy::FetchedCopy(FetchedCopy&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), path_(std::move(other.path_)) {}

FetchedCopy::~FetchedCopy() {
  std::error_code ignored;  // A rest of it does no harm.
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

towl::Result<FetchedCopy> FetchedCopy::fetch(Collector& collector, const fs::path& file, const Session& session,
                                             const std::stop_token& stop) {
  const auto id = towl::parse_file_name(file.filename().string());
  if (!id) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "a collector knows a file by its number: give it its name in the store, ID.towl", file.string());
  }
  FileList list(collector, {.ids = {*id}});
  const auto listed = list.next_page(stop);
  if (!listed) return towl::fail(towl::ErrorCode::io, collector.server() + ": " + listed.error().message);
  if (listed->empty()) {
    return towl::fail(towl::ErrorCode::not_found, collector.server() + " has no file " + std::to_string(*id));
  }
  FetchedCopy copy(file.string() + ".from");
  auto mirror = towl::StoreMirror::open(copy.folder_);
  if (!mirror) return towl::fail(std::move(mirror.error()));
  SyncReport report(session, false);
  const auto pulled = pull_file({&collector, &*mirror, &report, stop}, listed->front());
  if (!pulled) return towl::fail(towl::ErrorCode::io, collector.server() + ": " + pulled.error().message);
  copy.path_ = copy.folder_ / towl::file_name(*id);
  return copy;
}

}  // namespace towlctl
