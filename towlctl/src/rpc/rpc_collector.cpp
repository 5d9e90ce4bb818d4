#include "rpc/rpc_collector.hpp"

#include <grpc/support/log.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <cstdlib>
#include <utility>

#include "rpc/append_stream.hpp"
#include "rpc/complete_connection.hpp"
#include "rpc/pull_stream.hpp"
#include "rpc/query_stream.hpp"
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
constexpr auto kReasonTimeout = std::chrono::seconds(2);

/// When the collector refuses a caller on its own host, it names the file with the token that would be accepted.
constexpr const char* kAdminTokenMetadata = "towl-admin-token-file";

// One entry may have 64 MiB and a chunk holds whole entries; the rest is room for the message around them.
constexpr int kMaxReceiveBytes = 72 << 20;

// All other answers have a megabyte: an empty message in a list has two bytes, and takes a hundred times that here.
constexpr const char* kMessageSizes = R"({"methodConfig": [
  {"name": [{"service": "towl.v1.Towl"}], "maxResponseMessageBytes": 1048576},
  {"name": [{"service": "towl.v1.Towl", "method": "Pull"}], "maxResponseMessageBytes": 75497472},
  {"name": [{"service": "towl.v1.Towl", "method": "Query"}], "maxResponseMessageBytes": 75497472}]})";

grpc::ChannelArguments channel_arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetServiceConfigJSON(kMessageSizes);
  // A follower of a quiet log must notice that its collector is gone, even if no packet says so.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // In spite of its name, the time an attempt to connect may take: TLS needs several round trips.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, std::chrono::milliseconds(kConnectTimeout).count());
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  // Logs are collected within a network; a proxy for the web, set in the environment, is not meant for them.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

// gRPC writes lines of its own to standard error when a connection fails; ours say it once.
void silence_grpc() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

}  // namespace

RpcCollector::RpcCollector(std::string server, const towl::rpc::ChannelSecurity& security)
    : server_(std::move(server)), tls_(security.tls), token_(security.token) {
  silence_grpc();
  channel_ = towl::rpc::open_channel(server_, security, channel_arguments());
}

std::string RpcCollector::token() const {
  std::lock_guard lock(mutex_);
  return token_;
}

// Whether it is worth asking again.
bool RpcCollector::learn_admin_token(const grpc::Status& status, const grpc::ClientContext& context) {
  const bool refused = status.error_code() == grpc::StatusCode::UNAUTHENTICATED ||
                       status.error_code() == grpc::StatusCode::PERMISSION_DENIED;
  if (!refused || !towl::rpc::is_this_host(server_)) return false;
  const auto& said = context.GetServerTrailingMetadata();
  const auto path = said.find(kAdminTokenMetadata);
  if (path == said.end()) return false;
  std::lock_guard lock(mutex_);
  if (!token_.empty()) return false;  // A user who gave one means that one.
  token_ = admin_token_in({path->second.data(), path->second.size()});
  return !token_.empty();
}

grpc::Status RpcCollector::ask(std::chrono::milliseconds timeout,
                               const std::function<grpc::Status(grpc::ClientContext&)>& call) {
  for (;;) {
    grpc::ClientContext context;
    context.set_deadline(system_clock::now() + timeout);
    towl::rpc::add_token(token(), context);
    grpc::Status status = call(context);
    if (status.ok() || !learn_admin_token(status, context)) return status;
  }
}

// gRPC says why a handshake failed only to a call.
std::string RpcCollector::why_not_connected() {
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + kReasonTimeout);
  towl::v1::StatsResponse response;
  const auto status = towl::v1::Towl::NewStub(channel_)->Stats(&context, {}, &response);
  return status.ok() ? "" : " (" + describe(status) + ")";
}

PullResult<void> RpcCollector::connect(const std::stop_token& stop) {
  const auto deadline = steady_clock::now() + kConnectTimeout;
  for (;;) {
    const grpc_connectivity_state state = channel_->GetState(true);
    if (state == GRPC_CHANNEL_READY) return {};
    if (stop.stop_requested()) return pull_fail(PullFailure::stopped, "stopped");
    const bool failed = state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN;
    if (failed || steady_clock::now() >= deadline) {
      const std::string why = !failed ? " (no answer within 5 s)" : tls_ ? why_not_connected() : " (connection failed)";
      return pull_fail(PullFailure::cut,
                       "cannot reach a collector at " + server_ + (tls_ ? " with TLS" : "") + why +
                           ": check that towld runs and listens there (--server, $TOWL_SERVER)" +
                           (tls_ ? ", and that --ca is its CA" : ", and whether it speaks TLS (--ca)"));
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
  const auto stub = towl::v1::Towl::NewStub(channel_);
  const grpc::Status status = ask(kListTimeout, [&](grpc::ClientContext& context) {
    const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
    return stub->ListFiles(&context, asked, &response);
  });
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
  return std::make_unique<RpcPullStream>(channel_, start, token());
}

std::unique_ptr<QueryStream> RpcCollector::query(const QueryCall& call) {
  return std::make_unique<RpcQueryStream>(channel_, call, token());
}

std::unique_ptr<AppendStream> RpcCollector::append(const AppendStart& start) {
  return std::make_unique<RpcAppendStream>(channel_, start, token());
}

towl::Result<CollectorStats> RpcCollector::stats() {
  towl::v1::StatsRequest request;
  request.set_describe(true);
  towl::v1::StatsResponse response;
  const auto stub = towl::v1::Towl::NewStub(channel_);
  const auto status =
      ask(kStatsTimeout, [&](grpc::ClientContext& context) { return stub->Stats(&context, request, &response); });
  if (!status.ok()) return towl::fail(towl::ErrorCode::io, server_ + ": " + describe(status));
  return to_stats(response);
}

towl::Result<std::string> RpcCollector::version() {
  towl::v1::GetConfigResponse response;
  const auto stub = towl::v1::Towl::NewStub(channel_);
  const auto status =
      ask(kStatsTimeout, [&](grpc::ClientContext& context) { return stub->GetConfig(&context, {}, &response); });
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
  const auto stub = towl::v1::Towl::NewStub(channel_);
  const auto status =
      ask(kRetainTimeout, [&](grpc::ClientContext& context) { return stub->Retain(&context, request, &response); });
  if (!status.ok()) return towl::fail(towl::ErrorCode::io, server_ + ": " + describe(status));
  Retained retained;
  for (const auto& file : response.removed()) retained.files.push_back({file.file_id(), file.count(), file.size()});
  if (response.has_clock_gap()) retained.clock_gap_ns = response.clock_gap();
  return retained;
}

}  // namespace towlctl
