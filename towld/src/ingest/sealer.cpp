#include "ingest/sealer.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <future>

#include "towl/seal.hpp"

namespace towld {

std::shared_ptr<Sealer> Sealer::start(Ingest& ingest, std::shared_ptr<spdlog::logger> log) {
  auto sealer = std::make_shared<Sealer>(ingest, std::move(log));
  ingest.state().add(sealer);
  sealer->thread_ = std::jthread([self = sealer.get()](const std::stop_token& stop) { self->work(stop); });
  return sealer;
}

void Sealer::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Sealer::store_changed() {
  const std::uint64_t generation = ingest_.state().get().generation;
  std::lock_guard lock(mutex_);
  if (generation == generation_) return;
  generation_ = generation;
  pending_ = true;
  changed_.notify_one();
}

void Sealer::work(const std::stop_token& stop) {
  // Of this thread alone: on Linux priorities belong to threads. Where it is refused sealing is less polite.
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19);
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return pending_; });
      pending_ = false;
    }
    while (!stop.stop_requested() && seal_next(stop)) {
    }
  }
}

// False where there is nothing to do.
bool Sealer::seal_next(const std::stop_token& stop) {
  const auto listing = ingest_.reader().list();
  if (!listing) {
    log_->error("cannot look for files to seal: {}", listing.error().to_string());
    return false;
  }
  const auto due = [this](const towl::FileInfo& file) {
    return file.header.version == static_cast<std::int32_t>(towl::FileFormat::v2) && file.index.closed &&
           !file.index.sealed && !given_up_.contains(file.file_id);
  };
  const auto file = std::find_if(listing->files.begin(), listing->files.end(), due);
  if (file == listing->files.end()) return false;
  seal(*file, stop);
  return true;
}

void Sealer::seal(const towl::FileInfo& file, const std::stop_token& stop) {
  auto copy = towl::SealedCopy::make(file.path, {.stop = [&] { return stop.stop_requested(); }});
  if (stop.stop_requested()) return;
  const towl::SealReport report = copy ? copy->report() : towl::SealReport{};
  const auto done = copy ? put_in_place(std::move(*copy), stop) : towl::Result<void>(tl::unexpected(copy.error()));
  if (done) {
    log_->info("sealed file {}: {} entries, {} bytes are now {}", file.file_id, report.index.count, report.bytes_before,
               report.bytes_after);
    return;
  }
  if (stop.stop_requested()) return;
  // Removed by retention meanwhile, or damaged, or no room: not tried again before the next start.
  given_up_.insert(file.file_id);
  if (done.error().code != towl::ErrorCode::not_found) {
    log_->error("cannot seal file {}, it stays as it is: {}", file.file_id, done.error().to_string());
  }
}

towl::Result<void> Sealer::put_in_place(towl::SealedCopy copy, const std::stop_token& stop) {
  auto promise = std::make_shared<std::promise<towl::Result<void>>>();
  auto shared = std::make_shared<towl::SealedCopy>(std::move(copy));
  auto future = promise->get_future();
  const bool taken = ingest_.run([promise, shared](towl::StoreWriter&) {
    // The result is told once readers see the new file.
    return [promise, done = shared->take_place()] { promise->set_value(done); };
  });
  if (!taken) return towl::fail(towl::ErrorCode::closed, "the collector is stopping");
  while (future.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
    if (stop.stop_requested() && future.wait_for(std::chrono::seconds(1)) != std::future_status::ready) {
      return towl::fail(towl::ErrorCode::closed, "the collector is stopping");
    }
  }
  return future.get();
}

}  // namespace towld
