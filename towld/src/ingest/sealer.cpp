#include "ingest/sealer.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <string>

#include "towl/seal.hpp"
#include "towl/store_filters.hpp"

namespace towld {

namespace {

// What another try may no longer meet: a full disk, no descriptors, a disk that fails, rights that are missing.
bool may_pass(const towl::Error& error) {
  return error.code == towl::ErrorCode::no_space || error.code == towl::ErrorCode::io ||
         error.code == towl::ErrorCode::permission_denied || error.code == towl::ErrorCode::already_exists;
}

}  // namespace

std::shared_ptr<Sealer> Sealer::start(Ingest& ingest, std::shared_ptr<spdlog::logger> log, const Options& options) {
  auto sealer = std::make_shared<Sealer>(ingest, std::move(log), options);
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
  // Of this thread alone: on Linux priorities belong to threads. If it is refused, sealing is less polite.
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19);
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return pending_; });
      pending_ = false;
    }
    for (auto done = Done::sealed_or_left; !stop.stop_requested() && done != Done::nothing_to_do;) {
      done = seal_next(stop);
      if (done != Done::try_again) continue;
      // Nothing that happens to the store makes this shorter: each try reads and writes a whole file.
      std::unique_lock lock(mutex_);
      (void)changed_.wait_for(lock, stop, back_off_.next(), [] { return false; });
    }
  }
}

Sealer::Done Sealer::seal_next(const std::stop_token& stop) {
  const auto listing = ingest_.reader().list();
  if (!listing) return postpone("cannot look for files to seal", listing.error());
  const auto due = [this](const towl::FileInfo& file) {
    return file.header.version == static_cast<std::int32_t>(towl::FileFormat::v2) && file.index.closed &&
           !file.index.sealed && !given_up_.contains(file.file_id);
  };
  const auto first = [this](const towl::FileInfo& file) { return !postponed_.contains(file.file_id); };
  const auto& files = listing->files;
  auto file = std::find_if(files.begin(), files.end(), [&](const auto& one) { return due(one) && first(one); });
  if (file == files.end()) {
    postponed_.clear();
    file = std::find_if(files.begin(), files.end(), due);
  }
  if (file != files.end()) return seal(*file, stop);
  const auto& hidden = listing->unreadable;
  const auto passing = std::find_if(hidden.begin(), hidden.end(), [](const auto& one) { return may_pass(one.error); });
  if (passing != hidden.end()) return postpone("cannot see whether a file is to be sealed", passing->error);
  return update_filters(stop);
}

// Of files that were sealed elsewhere, or before there were filters, and of those that are gone; a part at a time,
// since what is to be sealed comes first.
Sealer::Done Sealer::update_filters(const std::stop_token& stop) {
  const auto updated = towl::update_filters(
      ingest_.reader().folder(),
      {.layer = layer_, .stop = [&] { return stop.stop_requested(); }, .most_text_bytes = kFilteredAtOnceBytes});
  if (!updated) {
    if (updated.error().code != towl::ErrorCode::closed) {
      log_->debug("the store's filters stay as they are: {}", updated.error().to_string());
    }
    return Done::nothing_to_do;
  }
  if (updated->made > 0)
    log_->info("made the filters of {} sealed files; {} are left", updated->made, updated->missing);
  return updated->missing > 0 ? Done::sealed_or_left : Done::nothing_to_do;
}

Sealer::Done Sealer::seal(const towl::FileInfo& file, const std::stop_token& stop) {
  auto copy = towl::SealedCopy::make(file.path, {.layer = layer_, .stop = [&] { return stop.stop_requested(); }});
  if (stop.stop_requested()) return Done::sealed_or_left;
  const towl::SealReport report = copy ? copy->report() : towl::SealReport{};
  const std::string filter = copy ? copy->filter() : std::string();
  const auto done = copy ? put_in_place(std::move(*copy), stop) : towl::Result<void>(tl::unexpected(copy.error()));
  if (stop.stop_requested()) return Done::sealed_or_left;
  if (done) {
    log_->info("sealed file {}: {} entries, {} bytes are now {}", file.file_id, report.index.count, report.bytes_before,
               report.bytes_after);
    back_off_.progressed();
    complaint_.clear();
    // If this fails, it is made again from the file later.
    (void)towl::add_filter(file.path, filter, layer_);
  } else if (may_pass(done.error())) {
    postponed_.insert(file.file_id);
    return postpone("cannot seal file " + std::to_string(file.file_id) + " now", done.error());
  } else {
    // Damaged, or removed by retention in the meantime.
    given_up_.insert(file.file_id);
    if (done.error().code != towl::ErrorCode::not_found) {
      log_->error("cannot seal file {}, it stays as it is: {}", file.file_id, done.error().to_string());
    }
  }
  return Done::sealed_or_left;
}

Sealer::Done Sealer::postpone(const std::string& what, const towl::Error& error) {
  // Once for each cause, not for each of the files that a full disk stops.
  if (complaint_ != error.message) log_->error("{}; it is tried again: {}", what, error.to_string());
  complaint_ = error.message;
  return Done::try_again;
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
