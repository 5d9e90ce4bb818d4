#include "ui/mirror_watch.hpp"

#include <sys/stat.h>

#include <chrono>

#include "towl/file_layer.hpp"
#include "towl/file_name.hpp"

namespace towlctl {
namespace {

/// `towlctl sync --follow` brings entries as they come; this is how long a person waits to see them.
constexpr auto kLookEvery = std::chrono::milliseconds(500);

}  // namespace

MirrorWatch::MirrorWatch(towl::Store store) : store_(std::move(store)) {
  look();
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

void MirrorWatch::watch(const std::stop_token& stop) {
  std::mutex sleeping;
  for (;;) {
    {
      std::unique_lock lock(sleeping);
      woken_.wait_for(lock, stop, kLookEvery, [] { return false; });
    }
    if (stop.stop_requested()) return;
    look();
  }
}

MirrorWatch::Stamps MirrorWatch::stamps() const {
  Stamps stamps;
  const auto names = towl::posix_file_layer().list(store_.folder());
  if (!names) return stamps;
  for (const std::string& name : *names) {
    const auto id = towl::parse_file_name(name);
    struct stat facts {};
    if (!id || ::stat((store_.folder() / name).c_str(), &facts) != 0) continue;
    stamps[*id] = {static_cast<std::uint64_t>(facts.st_size),
                   facts.st_mtim.tv_sec * towl::kNanosecondsPerSecond + facts.st_mtim.tv_nsec};
  }
  return stamps;
}

std::optional<towl::DurableFile> MirrorWatch::read_open(towl::FileId file) const {
  auto reader = store_.open_file(file);
  if (!reader || reader->index().closed) return std::nullopt;
  const auto end = reader->skip_to_end();
  if (!end) return std::nullopt;
  towl::DurableFile open{reader->header(), reader->index(), *end};
  open.index.count = end->ordinal;
  return open;
}

void MirrorWatch::look() {
  const std::lock_guard lock(mutex_);
  Stamps now = stamps();
  if (now == seen_ && told_.generation > 0) return;
  const towl::FileId newest = now.empty() ? 0 : now.rbegin()->first;
  // While only the newest one grows, what is known of the others stays.
  auto before = seen_;
  auto others = now;
  before.erase(newest);
  others.erase(newest);
  towl::StoreState state = told_;
  state.open = newest == 0 ? std::nullopt : read_open(newest);
  const bool goes_on = state.open && told_.open && told_.open->header == state.open->header;
  if (before != others || !goes_on || told_.generation == 0) ++state.generation;
  state.next_file_id = newest + 1;
  seen_ = std::move(now);
  told_ = state;
  state_.publish(std::move(state));
}

}  // namespace towlctl
