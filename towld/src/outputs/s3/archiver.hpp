// Archiver copies a store's files to an object store once they take no more entries.
//
//     PREFIX/ID.towl                    the file as it is, with its UUID and SHA-256 as metadata
//     PREFIX/filters/ID.filter          which words are in no text of it: spec/store-filters.md
//     PREFIX/manifest/2026-01-17.json   the files that were opened that day (UTC): counts, times, sizes, digests
//
// Once:     its cursor says up to which file all is archived; it is saved after the file, and its line in the manifest,
//           are there. After a crash an object that has the file's digest is left as it is.
// Verified: see upload.hpp. The file is read twice, and must be the same. What an upload left is aborted at the next
//           start: one archiver owns a prefix.
// Retained: the store's retention leaves what is not archived; while that is more than the store may have, inputs wait.
// Strange:  an object of that name with another UUID is another store's: nothing is written, and it says so.
// Threads:  its own, joined by stop() and the destructor; status() from any.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "ingest/back_off.hpp"
#include "ingest/wakeup.hpp"
#include "outputs/durable_cursor.hpp"
#include "outputs/output.hpp"
#include "outputs/output_type.hpp"
#include "outputs/s3/archive_config.hpp"
#include "towl/file_layer.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/web/s3_client.hpp"

namespace towld {

class Archiver final : public Output {
 public:
  /// Errors: those of the cursor (a damaged one is reported and counts as none) and of the credentials.
  static towl::Result<std::unique_ptr<Output>> start(const ArchiveConfig& config, OutputContext context);

  /// For start() alone.
  Archiver(ArchiveConfig config, OutputContext context, DurableCursor cursor, towl::FileId archived,
           std::shared_ptr<Wakeup> wakeup);
  ~Archiver() override { stop(); }

  void stop() override;
  void retire() override;
  OutputStatus status() const override;

 private:
  class Listener;

  void run();
  towl::Result<bool> archive_next();
  towl::Result<void> connect();
  towl::Result<void> abort_left();
  towl::Result<void> archive(const towl::ServedFile& file);
  towl::Result<towl::web::S3Object> upload(towl::File& local, const towl::ServedFile& file, const std::string& key,
                                           const std::string& digest);
  towl::Result<void> add_filter(const towl::ServedFile& file, const std::string& etag);
  towl::Result<void> add_to_manifest(const towl::ServedFile& file, const std::string& digest);
  void hold();
  void remove_old();
  void fail(const towl::Error& error);

  const ArchiveConfig config_;
  const OutputContext context_;
  DurableCursor cursor_;
  std::shared_ptr<Wakeup> wakeup_;
  std::shared_ptr<Listener> listener_;
  const towl::Catalog catalog_;
  BackOff back_off_;
  std::optional<towl::web::S3Client> store_;

  mutable std::mutex mutex_;
  OutputStatus status_;
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;
};

}  // namespace towld
