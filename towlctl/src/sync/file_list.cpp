#include "sync/file_list.hpp"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>

#include "sync/wire.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towlctl {
namespace {

constexpr std::uint32_t kPageFiles = 2000;
constexpr auto kAnswerTimeout = std::chrono::seconds(60);

}  // namespace

FileList::FileList(const Connection& connection, FileFilter filter)
    : connection_(connection), filter_(std::move(filter)) {
  std::sort(filter_.ids.begin(), filter_.ids.end());
  filter_.ids.erase(std::unique(filter_.ids.begin(), filter_.ids.end()), filter_.ids.end());
}

PullResult<std::vector<RemoteFile>> FileList::next_page(const std::stop_token& stop) {
  if (filter_.ids.empty()) {
    if (!more_) return std::vector<RemoteFile>();
    return ask(after_, kPageFiles, stop);
  }
  while (next_id_ < filter_.ids.size()) {
    const towl::FileId id = filter_.ids[next_id_++];
    auto files = id == 0 ? std::vector<RemoteFile>() : ask(id - 1, 1, stop);
    if (!files) return files;
    if (!files->empty() && files->front().file_id() == id) return files;
    // Other filters may have hidden it, which is as good as not having it.
    return pull_fail(PullFailure::gone, "file " + std::to_string(id) + ": the collector has no such file");
  }
  return std::vector<RemoteFile>();
}

PullResult<std::vector<RemoteFile>> FileList::ask(towl::FileId after, std::uint32_t page_size,
                                                  const std::stop_token& stop) {
  towl::v1::ListFilesRequest request;
  if (filter_.title) request.set_title(*filter_.title);
  if (filter_.since) request.set_since(*filter_.since);
  request.set_after_file_id(after);
  request.set_page_size(page_size);
  towl::v1::ListFilesResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kAnswerTimeout);
  const auto stub = towl::v1::Towl::NewStub(connection_.channel());
  const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
  const grpc::Status status = stub->ListFiles(&context, request, &response);
  if (stop.stop_requested()) return pull_fail(PullFailure::stopped, "stopped");
  if (!status.ok()) return tl::unexpected(pull_error(status));

  if (static_cast<std::uint32_t>(response.files_size()) > page_size || (response.more() && response.files().empty())) {
    return pull_fail(PullFailure::bad_data, "the collector sent a list of files that breaks the protocol");
  }
  std::vector<RemoteFile> files;
  files.reserve(static_cast<std::size_t>(response.files_size()));
  for (const towl::v1::FileInfo& info : response.files()) {
    auto file = to_remote_file(info);
    if (!file) return tl::unexpected(file.error());
    if (file->file_id() <= after) {
      return pull_fail(PullFailure::bad_data, "the collector lists its files in the wrong order");
    }
    after = file->file_id();
    files.push_back(std::move(*file));
  }
  after_ = after;
  more_ = response.more();
  return files;
}

}  // namespace towlctl
