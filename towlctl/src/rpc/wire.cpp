#include "rpc/wire.hpp"

#include <algorithm>

#include "towl/file_shape.hpp"

namespace towlctl {
namespace {

tl::unexpected<PullError> bad_info(const towl::v1::FileInfo& info, const std::string& what) {
  return pull_fail(PullFailure::bad_data,
                   "the collector describes file " + std::to_string(info.file_id()) + " with " + what);
}

}  // namespace

PullResult<towl::ServedFile> to_remote_file(const towl::v1::FileInfo& info) {
  const bool sealed = info.state() == towl::v1::FILE_STATE_SEALED;
  const bool closed = sealed || info.state() == towl::v1::FILE_STATE_CLOSED;
  if (!closed && info.state() != towl::v1::FILE_STATE_OPEN) return bad_info(info, "an unknown state");
  if (closed != info.has_closed()) return bad_info(info, "a state that contradicts its closed time");
  if (info.org().size() + info.title().size() > towl::kPageBytes)
    return bad_info(info, "a header larger than its page");
  const bool v2 = info.format_version() == static_cast<std::int32_t>(towl::FileFormat::v2);
  if (info.size() < towl::kMinFileBytes ||
      (!v2 && (info.size() - towl::kMinFileBytes) / towl::kMinEntryBytesV1 < info.count())) {
    return bad_info(info, "more entries than fit its size");
  }
  if (v2 != (info.uuid().size() == towl::Uuid().size()) || (sealed && !v2)) {
    return bad_info(info, "a UUID or a state that does not fit its format");
  }
  towl::ServedFile file;
  file.header.version = info.format_version();
  file.header.org = info.org();
  file.header.title = info.title();
  file.header.file_id = info.file_id();
  file.index.opened = info.opened();
  file.index.count = info.count();
  if (info.has_closed()) file.index.closed = info.closed();
  if (info.has_first()) file.index.first = info.first();
  if (info.has_last()) file.index.last = info.last();
  if (v2) std::copy(info.uuid().begin(), info.uuid().end(), file.header.uuid.begin());
  if (info.has_min()) file.index.min = info.min();
  if (info.has_max()) file.index.max = info.max();
  if (info.has_event_min()) file.index.event_min = info.event_min();
  if (info.has_event_max()) file.index.event_max = info.event_max();
  file.index.digest = info.digest();
  file.index.text_bytes = info.text_bytes();
  file.index.frames = info.frames();
  file.index.gaps = info.gaps();
  file.index.sealed = sealed;
  file.size = info.size();
  file.open = !closed;
  return file;
}

CollectorStats to_stats(const towl::v1::StatsResponse& response) {
  CollectorStats stats = {.received = response.entries_received(),
                          .stored = response.entries_stored(),
                          .rejected = response.entries_rejected(),
                          .dropped = response.entries_dropped(),
                          .queued_bytes = response.queued_bytes(),
                          .inputs = {},
                          .outputs = {}};
  for (const towl::v1::InputStats& input : response.inputs()) {
    stats.inputs.push_back({.name = input.name(),
                            .received = input.received(),
                            .stored = input.stored(),
                            .rejected = input.rejected(),
                            .dropped = input.dropped(),
                            .filtered = input.filtered(),
                            .below_level = input.below_level(),
                            .overflowed = input.overflowed(),
                            .lost_in_source = input.lost_in_source(),
                            .parse_failures = input.parse_failures(),
                            .time_failures = input.time_failures(),
                            .cut = input.cut(),
                            .bytes = input.bytes(),
                            .description = input.description()});
  }
  for (const towl::v1::OutputStats& output : response.outputs()) {
    stats.outputs.push_back({.name = output.name(), .description = output.description()});
  }
  return stats;
}

}  // namespace towlctl
