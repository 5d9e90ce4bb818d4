#include "sync/file_list.hpp"

#include <algorithm>

namespace towlctl {
namespace {

/// Even if all titles have the maximum length, a page has less than a megabyte.
constexpr std::uint32_t kPageFiles = 500;

/// No store has so many: a longer list is endless.
constexpr std::uint64_t kMostFiles = 1'000'000;

}  // namespace

FileList::FileList(Collector& collector, FileFilter filter) : collector_(collector), filter_(std::move(filter)) {
  std::sort(filter_.ids.begin(), filter_.ids.end());
  filter_.ids.erase(std::unique(filter_.ids.begin(), filter_.ids.end()), filter_.ids.end());
}

PullResult<std::vector<towl::ServedFile>> FileList::next_page(const std::stop_token& stop) {
  if (filter_.ids.empty()) {
    if (!more_) return std::vector<towl::ServedFile>();
    return ask(after_, kPageFiles, stop);
  }
  while (next_id_ < filter_.ids.size()) {
    const towl::FileId id = filter_.ids[next_id_++];
    auto files = id == 0 ? std::vector<towl::ServedFile>() : ask(id - 1, 1, stop);
    if (!files) return files;
    if (!files->empty() && files->front().file_id() == id) return files;
    // Other filters may have hidden it, which is as good as not having it.
    return pull_fail(PullFailure::gone, "file " + std::to_string(id) + ": the collector has no such file");
  }
  return std::vector<towl::ServedFile>();
}

PullResult<std::vector<towl::ServedFile>> FileList::ask(towl::FileId after, std::uint32_t page_size,
                                                        const std::stop_token& stop) {
  auto page = collector_.list_files(
      {.title = filter_.title, .since = filter_.since, .after = after, .page_size = page_size}, stop);
  if (!page) return tl::unexpected(page.error());
  if (page->files.size() > page_size || (page->more && page->files.empty())) {
    return pull_fail(PullFailure::bad_data, "the collector sent a list of files that breaks the protocol");
  }
  listed_ += page->files.size();
  if (listed_ > kMostFiles) return pull_fail(PullFailure::bad_data, "the collector's list of files has no end");
  for (const towl::ServedFile& file : page->files) {
    if (file.file_id() <= after) {
      return pull_fail(PullFailure::bad_data, "the collector lists its files in the wrong order");
    }
    after = file.file_id();
  }
  after_ = after;
  more_ = page->more;
  store_ = std::move(page->store);
  return std::move(page->files);
}

}  // namespace towlctl
