// Collector is a real towld on a free port, and a client that talks to it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "towl/entry.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towl::test {

class Collector {
 public:
  /// Starts towld on `store` and waits until it listens. `more` are further flags.
  explicit Collector(const std::filesystem::path& store, const std::vector<std::string>& more = {});

  /// HOST:PORT.
  const std::string& address() const { return address_; }
  Process& process() { return *process_; }
  towl::v1::Towl::Stub& stub() { return *stub_; }

  /// The call sends the token of the collector's own administrator.
  void be_admin(grpc::ClientContext& context) const;

  /// SIGTERM; returns the exit code.
  int stop();

 private:
  std::filesystem::path store_;
  std::unique_ptr<Process> process_;
  std::string address_;
  std::unique_ptr<towl::v1::Towl::Stub> stub_;
};

towl::v1::AppendRequest make_request(const std::vector<Entry>& entries, const std::string& producer_id = "",
                                     std::uint64_t sequence = 0,
                                     towl::v1::Durability durability = towl::v1::DURABILITY_UNSPECIFIED);

/// Sends `requests` on one stream, one after the other without waiting; the answers, and how the stream ended.
struct Appended {
  std::vector<towl::v1::AppendResponse> responses;
  grpc::Status status;
};
Appended append(towl::v1::Towl::Stub& stub, const std::vector<towl::v1::AppendRequest>& requests);

/// A pull to its end (of `max_entries`, if it follows).
struct Pulled {
  grpc::Status status;
  std::string bytes;
  std::uint64_t count = 0;
  std::vector<towl::v1::FileInfo> files;
  std::vector<towl::v1::FileInfo> reached;
};
Pulled pull(towl::v1::Towl::Stub& stub, const towl::v1::PullRequest& request,
            std::optional<std::uint64_t> max_entries = std::nullopt);

/// Asks again, for up to half a minute, while the answer is UNAVAILABLE or RESOURCE_EXHAUSTED, as clients do: gRPC lets
/// idle connections go while its memory is short, and cancels calls.
grpc::Status ask_again(const std::function<grpc::Status(grpc::ClientContext&)>& ask);

std::vector<towl::v1::FileInfo> list(towl::v1::Towl::Stub& stub);
towl::v1::StatsResponse stats(towl::v1::Towl::Stub& stub);

}  // namespace towl::test
