// What a file input tells about itself: each file and why it is or is not read.
#include <algorithm>

#include "inputs/file/file_loop.hpp"

namespace towld {
namespace {

/// One word for a program to branch on, and words for a person.
std::pair<const char*, std::string> state_of(const FileTail& tail) {
  if (tail.ignored) return {"ignored", tail.trouble};
  if (tail.is_retried()) return {"retrying", tail.trouble};
  if (!tail.trouble.empty()) return {"unreadable", tail.trouble};
  if (tail.after) return {"waiting", "the file that had this path before is read to its end first"};
  if (tail.waits_for_labels()) return {"waiting", "the API server has not told the labels of its pod yet"};
  if (tail.gone_since)
    return {"gone", "no matching path leads to it any more; it is read on until rotate_wait is over"};
  if (!tail.at_end()) return {"reading", ""};
  return {"at_end", tail.size() > tail.offset() ? "the last line has no end yet" : ""};
}

}  // namespace

FilesStatus FileLoop::status() {
  FilesStatus status;
  status.include = config_.include;
  for (const auto& [key, tail] : tails_) {
    tail->look_at_size();
    auto [state, why] = state_of(*tail);
    status.files.push_back({.path = tail->path(),
                            .device = tail->identity().device,
                            .inode = tail->identity().inode,
                            .fingerprint_bytes = tail->fingerprint().length,
                            .fingerprint_hash = tail->fingerprint().hash,
                            .offset = tail->offset(),
                            .stored_offset = tail->stored_offset(),
                            .size = std::max(tail->size(), tail->offset()),
                            .bytes_in_flight = tail->bytes_in_flight,
                            .open = tail->is_open(),
                            .state = state,
                            .why = std::move(why)});
  }
  for (const auto& [path, why] : discovery_.ignored()) status.ignored.emplace_back(path, why);
  status.missing = discovery_.missing();
  status.open_files = tails_.open_files();
  return status;
}

}  // namespace towld
