#include "rpc/rpc_collector.hpp"

#include <grpc/support/log.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <cstdlib>

#include "rpc/append_stream.hpp"
#include "rpc/pull_stream.hpp"
#include "rpc/status.hpp"
#include "rpc/wire.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towlctl {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr auto kConnectTimeout = std::chrono::seconds(5);
constexpr auto kLookAtStop = std::chrono::milliseconds(100);
constexpr auto kListTimeout = std::chrono::seconds(60);
constexpr auto kStatsTimeout = std::chrono::seconds(30);
constexpr auto kRetainTimeout = std::chrono::minutes(1);

// One entry may have 64 MiB and a chunk holds whole entries; the rest is room for the message around them.
constexpr int kMaxReceiveBytes = 72 << 20;

grpc::ChannelArguments channel_arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  // A follower of a quiet log must notice that its collector is gone, also where no packet tells.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  // Logs are collected within a network; a proxy for the web, set in the environment, is not meant for them.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

std::string with_port(const std::string& server) {
  if (server.starts_with("unix:") || server.find(':') != std::string::npos) {
    const bool bare_ipv6 = server.starts_with('[') && server.ends_with(']');
    return bare_ipv6 ? server + ":50011" : server;
  }
  return server + ":50011";
}

// gRPC writes lines of its own to standard error when a connection fails; ours say it once.
void silence_grpc() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

}  // namespace

RpcCollector::RpcCollector(const std::string& server) : server_(with_port(server)) {
  silence_grpc();
  channel_ = grpc::CreateCustomChannel(server_, grpc::InsecureChannelCredentials(), channel_arguments());
}

PullResult<void> RpcCollector::connect(const std::stop_token& stop) {
  const auto deadline = steady_clock::now() + kConnectTimeout;
  for (;;) {
    const grpc_connectivity_state state = channel_->GetState(true);
    if (state == GRPC_CHANNEL_READY) return {};
    if (stop.stop_requested()) return pull_fail(PullFailure::stopped, "stopped");
    const bool failed = state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN;
    if (failed || steady_clock::now() >= deadline) {
      return pull_fail(PullFailure::cut, "cannot reach a collector at " + server_ +
                                             (failed ? " (connection failed)" : " (no answer within 5 s)") +
                                             ": check that towld runs and listens there (--server, $TOWL_SERVER)");
    }
    channel_->WaitForStateChange(state, system_clock::now() + kLookAtStop);
  }
}

PullResult<FilePage> RpcCollector::list_files(const ListRequest& request, const std::stop_token& stop) {
  towl::v1::ListFilesRequest asked;
  if (request.title) asked.set_title(*request.title);
  if (request.since) asked.set_since(*request.since);
  asked.set_after_file_id(request.after);
  asked.set_page_size(request.page_size);
  towl::v1::ListFilesResponse response;
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + kListTimeout);
  const auto stub = towl::v1::Towl::NewStub(channel_);
  const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
  const grpc::Status status = stub->ListFiles(&context, asked, &response);
  if (stop.stop_requested()) return pull_fail(PullFailure::stopped, "stopped");
  if (!status.ok()) return tl::unexpected(pull_error(status));
  FilePage page = {.files = {}, .more = response.more(), .store = response.store()};
  page.files.reserve(static_cast<std::size_t>(response.files_size()));
  for (const towl::v1::FileInfo& info : response.files()) {
    auto file = to_remote_file(info);
    if (!file) return tl::unexpected(file.error());
    page.files.push_back(std::move(*file));
  }
  return page;
}

std::unique_ptr<PullStream> RpcCollector::pull(const towl::FeedStart& start) {
  return std::make_unique<RpcPullStream>(channel_, start);
}

std::unique_ptr<AppendStream> RpcCollector::append(const AppendStart& start) {
  return std::make_unique<RpcAppendStream>(channel_, start);
}

towl::Result<CollectorStats> RpcCollector::stats() {
  towl::v1::StatsRequest request;
  request.set_describe(true);
  towl::v1::StatsResponse response;
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + kStatsTimeout);
  const auto status = towl::v1::Towl::NewStub(channel_)->Stats(&context, request, &response);
  if (!status.ok()) return towl::fail(towl::ErrorCode::io, server_ + ": " + describe(status));
  return to_stats(response);
}

towl::Result<std::string> RpcCollector::version() {
  towl::v1::GetConfigResponse response;
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + kStatsTimeout);
  const auto status = towl::v1::Towl::NewStub(channel_)->GetConfig(&context, {}, &response);
  if (!status.ok()) return towl::fail(towl::ErrorCode::io, server_ + ": " + describe(status));
  return response.version();
}

towl::Result<Retained> RpcCollector::retain(const RetainCall& call) {
  const towl::RetentionPolicy& policy = call.policy;
  towl::v1::RetainRequest request;
  if (policy.max_age_ns) request.set_max_age(*policy.max_age_ns);
  if (policy.max_bytes) request.set_max_bytes(*policy.max_bytes);
  if (policy.keep_free_bytes) request.set_keep_free_bytes(*policy.keep_free_bytes);
  if (policy.keep_free_percent) request.set_keep_free_percent(*policy.keep_free_percent);
  request.set_dry_run(call.dry_run);
  request.set_confirm_clock(call.confirm_clock);
  towl::v1::RetainResponse response;
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + kRetainTimeout);
  const auto status = towl::v1::Towl::NewStub(channel_)->Retain(&context, request, &response);
  if (!status.ok()) return towl::fail(towl::ErrorCode::io, server_ + ": " + describe(status));
  Retained retained;
  for (const auto& file : response.removed()) retained.files.push_back({file.file_id(), file.count(), file.size()});
  if (response.has_clock_gap()) retained.clock_gap_ns = response.clock_gap();
  return retained;
}

}  // namespace towlctl
