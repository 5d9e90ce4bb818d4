#include "pull/pull_sequence.hpp"

#include <filesystem>
#include <utility>

namespace towld {
namespace {

using Reason = PullRefusal::Reason;

tl::unexpected<PullRefusal> io_error(const towl::Error& error) {
  return tl::unexpected(PullRefusal{Reason::io, error.to_string()});
}

}  // namespace

PullResult<PullStep> PullSequence::begin(const PublicFile& file, std::uint64_t count,
                                         const std::optional<Proof>& proof) {
  auto pull = FilePull::open(catalog_, points_, file, count, proof);
  if (!pull) return tl::unexpected(std::move(pull.error()));
  pull_ = std::move(*pull);
  file_ = file;
  told_ = false;
  return FileBegins{file};
}

PullResult<void> PullSequence::refresh() {
  auto now = catalog_.find(file_.file_id());
  if (!now) return io_error(now.error());
  // A file that was removed meanwhile is sent to its end all the same: it is open.
  if (!*now) return {};
  if ((*now)->index.count != file_.index.count || (*now)->open != file_.open) told_ = false;
  file_ = std::move(**now);
  return {};
}

PullResult<PullStep> PullSequence::at_end() {
  if (!told_) {
    told_ = true;
    return FileReached{file_};
  }
  if (!start_.follow) return PullEnds{};
  if (file_.open) return PullWaits{};
  auto following = catalog_.next_after(file_.file_id());
  if (!following) return io_error(following.error());
  if (!*following) return PullWaits{};
  return begin(**following, 0, std::nullopt);
}

PullResult<PullStep> PullSequence::next(std::size_t max_bytes, std::string spare) {
  if (!pull_) {
    const auto file = catalog_.find(start_.file_id);
    if (!file) return io_error(file.error());
    if (*file) return begin(**file, start_.count, start_.proof);
    const auto all = catalog_.files();
    if (!all) return io_error(all.error());
    const std::string name = "file " + std::to_string(start_.file_id);
    if (start_.file_id == 0 || start_.file_id >= all->next_file_id) {
      return tl::unexpected(PullRefusal{Reason::unknown, "there is no " + name + "; ListFiles tells which there are"});
    }
    std::error_code ignored;
    if (const auto path = catalog_.path_of(start_.file_id); std::filesystem::exists(path, ignored)) {
      return tl::unexpected(PullRefusal{Reason::damaged, path.string() + ": its header or index page cannot be read"});
    }
    return tl::unexpected(PullRefusal{Reason::retired, name + " was removed by retention"});
  }
  if (start_.follow) {
    if (auto done = refresh(); !done) return tl::unexpected(std::move(done.error()));
  }
  auto chunk = pull_->next(file_, max_bytes, std::move(spare));
  if (!chunk) return tl::unexpected(std::move(chunk.error()));
  if (chunk->bytes.empty()) return at_end();
  return std::move(*chunk);
}

}  // namespace towld
