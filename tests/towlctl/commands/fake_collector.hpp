// FakeCollector serves a folder of towl files in the tests' own process and misbehaves when it is told to.
//
// Threads: change its settings only while no request runs, except those that are atomic.
#pragma once

#include <grpcpp/server.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "towl/entry.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towl::test {

class FakeCollector final : public towl::v1::Towl::Service {
 public:
  explicit FakeCollector(std::filesystem::path folder);
  ~FakeCollector() override;

  /// HOST:PORT.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  /// Sees, and may change, each message of a Pull before it is sent.
  std::function<void(towl::v1::PullResponse&)> change_pull;
  /// The same for the answers to ListFiles.
  std::function<void(towl::v1::ListFilesResponse&)> change_list;
  /// Instead of a Pull: sends what it likes.
  std::function<grpc::Status(grpc::ServerContext&, grpc::ServerWriter<towl::v1::PullResponse>&)> script_pull;
  /// Instead of ListFiles.
  std::function<void(const towl::v1::ListFilesRequest&, towl::v1::ListFilesResponse&)> script_list;
  /// What Stats says.
  towl::v1::StatsResponse stats;
  /// The level that Append claims.
  std::atomic<int> acknowledged_as = towl::v1::DURABILITY_SYNCED;
  /// Acknowledgements that Append sends for each batch.
  std::atomic<int> acknowledgements = 1;
  /// Data of one chunk.
  std::size_t chunk_bytes = 4096;
  /// Ends this many Pulls with UNAVAILABLE after their first chunk.
  std::atomic<int> cuts = 0;
  /// Ends this many Append streams with UNAVAILABLE: each stores its second batch, but does not acknowledge it.
  std::atomic<int> append_cuts = 0;

  std::atomic<int> pulls = 0;
  std::atomic<std::uint64_t> bytes_sent = 0;

  /// What Append stored.
  std::vector<towl::Entry> appended();
  std::size_t batches();

 private:
  grpc::Status ListFiles(grpc::ServerContext* context, const towl::v1::ListFilesRequest* request,
                         towl::v1::ListFilesResponse* response) override;
  grpc::Status Pull(grpc::ServerContext* context, const towl::v1::PullRequest* request,
                    grpc::ServerWriter<towl::v1::PullResponse>* writer) override;
  grpc::Status Append(grpc::ServerContext* context,
                      grpc::ServerReaderWriter<towl::v1::AppendResponse, towl::v1::AppendRequest>* stream) override;
  grpc::Status Stats(grpc::ServerContext* context, const towl::v1::StatsRequest* request,
                     towl::v1::StatsResponse* response) override;
  bool store(const towl::v1::AppendRequest& request);

  std::filesystem::path folder_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<towl::Entry> appended_;
  std::size_t batches_ = 0;
  std::string producer_;
  std::uint64_t sequence_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

/// All bytes of a file.
std::string bytes_of(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, std::string_view bytes);

}  // namespace towl::test
