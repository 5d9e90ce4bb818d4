#include "outputs/backlog.hpp"

namespace towld {

Backlog backlog_behind(const towl::ServedFiles& files, towl::FileId file_id, std::uint64_t count) {
  Backlog backlog;
  files.each_after(file_id > 0 ? file_id - 1 : 0, [&](const towl::ServedFile& file) {
    const std::uint64_t done = file.file_id() == file_id ? count : 0;
    if (file.index.count <= done) return true;
    const std::uint64_t left = file.index.count - done;
    backlog.entries += left;
    // Of the whole file its pages, too.
    const double share = static_cast<double>(left) / static_cast<double>(file.index.count);
    backlog.bytes += done == 0 ? file.size : static_cast<std::uint64_t>(static_cast<double>(file.size) * share);
    return true;
  });
  return backlog;
}

}  // namespace towld
