// What a file input tells about itself: each file and why it is or is not read.
#include <nlohmann/json.hpp>

#include "inputs/file/file_loop.hpp"

namespace towld {
namespace {

/// One word for a program to branch on, and words for a person.
std::pair<const char*, std::string> state_of(const FileTail& tail) {
  if (tail.ignored) return {"ignored", tail.trouble};
  if (tail.is_retried()) return {"retrying", tail.trouble};
  if (!tail.trouble.empty()) return {"unreadable", tail.trouble};
  if (tail.after) return {"waiting", "the file that had this path before is read to its end first"};
  if (tail.gone_since)
    return {"gone", "no matching path leads to it any more; it is read on until rotate_wait is over"};
  if (!tail.at_end()) return {"reading", ""};
  return {"at_end", tail.size() > tail.offset() ? "the last line has no end yet" : ""};
}

}  // namespace

std::string FileLoop::description() {
  nlohmann::json files = nlohmann::json::array();
  for (const auto& [key, tail] : tails_) {
    tail->look_at_size();
    const auto& [state, why] = state_of(*tail);
    nlohmann::json file = {{"path", tail->path()},
                           {"device", tail->identity().device},
                           {"inode", tail->identity().inode},
                           {"fingerprint", {{"bytes", tail->fingerprint().length}, {"hash", tail->fingerprint().hash}}},
                           {"offset", tail->offset()},
                           {"stored_offset", tail->stored_offset()},
                           {"size", std::max(tail->size(), tail->offset())},
                           {"lag_bytes", std::max(tail->size(), tail->offset()) - tail->offset()},
                           {"bytes_in_flight", tail->bytes_in_flight},
                           {"open", tail->is_open()},
                           {"state", state}};
    if (!why.empty()) file["why"] = why;
    files.push_back(std::move(file));
  }
  nlohmann::json ignored = nlohmann::json::array();
  for (const auto& [path, why] : discovery_.ignored()) ignored.push_back({{"path", path}, {"why", why}});
  const nlohmann::json all = {{"type", "file"},
                              {"include", config_.include},
                              {"files", std::move(files)},
                              {"ignored", std::move(ignored)},
                              {"missing", discovery_.missing()},
                              {"open_files", tails_.open_files()}};
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace towld
