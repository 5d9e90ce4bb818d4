// HeadKeeper signs the file that takes entries, every so often and when the collector stops. That it is signed when it
// is closed is the store's business: StoreOptions::closing_head.
//
// Cost:    SHA-256 over all entries, on a thread of its own, as they come: about 0.2 µs an entry.
// Threads: its own, joined by stop() and the destructor. Borrows the ingest, which must outlive it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "ingest/ingest.hpp"
#include "log/spdlog.hpp"
#include "towl/signed_heads.hpp"

namespace towld {

/// What signs a store's files when they are closed; errors are logged, and the file is then not signed to its end.
std::function<std::string(const std::filesystem::path&, std::uint64_t)> closing_head(
    std::shared_ptr<towl::HeadSigner> signer, std::shared_ptr<spdlog::logger> log);

class HeadKeeper {
 public:
  HeadKeeper(Ingest& ingest, std::shared_ptr<towl::HeadSigner> signer, std::chrono::nanoseconds every,
             std::shared_ptr<spdlog::logger> log);
  ~HeadKeeper() { stop(); }

  /// Signs the existing entries once more.
  void stop();

 private:
  struct OpenFile {
    towl::FileId file_id = 0;
    std::filesystem::path path = {};
    std::uint64_t count = 0;
  };

  void work(const std::stop_token& stop);
  OpenFile open_file();
  void advance();
  void sign();
  void complain(const towl::Error& error);

  Ingest& ingest_;
  std::shared_ptr<towl::HeadSigner> signer_;
  const std::chrono::nanoseconds every_;
  std::shared_ptr<spdlog::logger> log_;
  std::string complaint_;  // the last one, so that it is not logged each second
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace towld
