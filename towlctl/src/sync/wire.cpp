#include "sync/wire.hpp"

#include "v1/layout.hpp"

namespace towlctl {
namespace {

namespace v1 = towl::detail::v1;

tl::unexpected<PullError> bad_info(const towl::v1::FileInfo& info, const std::string& what) {
  return pull_fail(PullFailure::bad_data,
                   "the collector describes file " + std::to_string(info.file_id()) + " with " + what);
}

}  // namespace

PullResult<RemoteFile> to_remote_file(const towl::v1::FileInfo& info) {
  const bool closed = info.state() == towl::v1::FILE_STATE_CLOSED;
  if (!closed && info.state() != towl::v1::FILE_STATE_OPEN) return bad_info(info, "an unknown state");
  if (closed != info.has_closed()) return bad_info(info, "a state that contradicts its closed time");
  if (info.org().size() + info.title().size() > v1::kPageBytes) return bad_info(info, "a header larger than its page");
  if (info.size() < v1::kDataOffset || (info.size() - v1::kDataOffset) / v1::kMinEntryBytes < info.count()) {
    return bad_info(info, "more entries than fit its size");
  }
  RemoteFile file;
  file.header = {.version = info.format_version(), .org = info.org(), .title = info.title(), .file_id = info.file_id()};
  file.index.opened = info.opened();
  file.index.count = info.count();
  if (info.has_closed()) file.index.closed = info.closed();
  if (info.has_first()) file.index.first = info.first();
  if (info.has_last()) file.index.last = info.last();
  file.size = info.size();
  file.closed = closed;
  return file;
}

}  // namespace towlctl
