#include "ingest/head_keeper.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "limits/limits.hpp"

namespace towld {

std::function<std::string(const std::filesystem::path&, std::uint64_t)> closing_head(
    std::shared_ptr<towl::HeadSigner> signer, std::shared_ptr<spdlog::logger> log) {
  if (!signer) return {};
  return [signer = std::move(signer), log = std::move(log)](const std::filesystem::path& path, std::uint64_t count) {
    auto head = signer->sign(path, count);
    if (head) return std::move(*head);
    log->error("{} is closed without a signed head over all its entries: {}", path.string(), head.error().to_string());
    return std::string();
  };
}

HeadKeeper::HeadKeeper(Ingest& ingest, std::shared_ptr<towl::HeadSigner> signer, std::chrono::nanoseconds every,
                       std::shared_ptr<spdlog::logger> log)
    : ingest_(ingest), signer_(std::move(signer)), every_(every), log_(std::move(log)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void HeadKeeper::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  sign();
}

void HeadKeeper::work(const std::stop_token& stop) {
  auto next = std::chrono::steady_clock::now() + every_;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      (void)changed_.wait_for(lock, stop, std::min<std::chrono::nanoseconds>(every_, kHashHeadsEvery),
                              [] { return false; });
    }
    if (stop.stop_requested()) return;
    advance();
    if (std::chrono::steady_clock::now() < next) continue;
    sign();
    next = std::chrono::steady_clock::now() + every_;
  }
}

// As far as it is written: readers see that much.
HeadKeeper::OpenFile HeadKeeper::open_file() {
  auto promise = std::make_shared<std::promise<OpenFile>>();
  auto future = promise->get_future();
  const bool taken = ingest_.ask([promise](towl::StoreWriter& writer) -> std::function<void()> {
    OpenFile file;
    if (const auto open = writer.open_file()) {
      file = {open->header.file_id, writer.reader().path_of(open->header.file_id), open->written.ordinal};
    }
    return [promise, file] { promise->set_value(file); };
  });
  if (!taken) return {};
  // After a stop the task may be dropped.
  if (future.wait_for(kHeadPatience) != std::future_status::ready) return {};
  return future.get();
}

void HeadKeeper::advance() {
  // A file that cannot be read is hashed again from its first entry: not each second.
  if (!complaint_.empty()) return;
  const OpenFile file = open_file();
  if (file.count == 0) return;
  if (const auto done = signer_->advance(file.path, file.count); !done) complain(done.error());
}

void HeadKeeper::sign() {
  const OpenFile file = open_file();
  if (file.count == 0) return;
  auto head = signer_->sign(file.path, file.count);
  if (!head) return complain(head.error());
  complaint_.clear();
  if (head->empty()) return;
  auto promise = std::make_shared<std::promise<towl::Result<void>>>();
  auto future = promise->get_future();
  const bool taken = ingest_.ask([promise, id = file.file_id, payload = std::move(*head)](towl::StoreWriter& writer) {
    return [promise, done = writer.append_head(id, payload)] { promise->set_value(done); };
  });
  if (!taken || future.wait_for(kHeadPatience) != std::future_status::ready) return;
  if (const auto done = future.get(); !done) complain(done.error());
}

void HeadKeeper::complain(const towl::Error& error) {
  if (complaint_ != error.message) log_->error("cannot sign the open file: {}", error.to_string());
  complaint_ = error.message;
}

}  // namespace towld
