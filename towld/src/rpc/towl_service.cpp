#include "rpc/towl_service.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <fstream>
#include <string>
#include <thread>

#include "access/visible.hpp"
#include "config/read_config.hpp"
#include "limits/limits.hpp"
#include "rpc/append_reactor.hpp"
#include "rpc/messages.hpp"
#include "rpc/push_reactor.hpp"
#include "rpc/query_reactor.hpp"
#include "towl/time.hpp"
#include "towl/version.hpp"

namespace towld {
namespace {

/// VmRSS of /proc/self/status, proc(5); 0 if there is none.
std::uint64_t resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    std::uint64_t kib = 0;
    status >> kib;
    return kib * 1024;
  }
  return 0;
}

/// Whether the file may have entries that happened in the range. Only what a file says of itself is looked at. Format 1
/// says when it was opened and closed, and entries come in about the order of their times: the answer is generous, by a
/// day, the clocks of senders being what they are.
bool may_overlap(const towl::ServedFile& file, const towl::v1::ListFilesRequest& request) {
  if (!file.open && file.index.event_min && file.index.event_max) {
    return (!request.has_since() || *file.index.event_max >= request.since()) &&
           (!request.has_until() || *file.index.event_min < request.until());
  }
  constexpr towl::Timestamp kSlack = 86'400 * towl::kNanosecondsPerSecond;
  if (request.has_since() && !file.open) {
    const auto last = std::max(file.index.last.value_or(0), file.index.closed.value_or(0));
    if (last < request.since() && request.since() - last > kSlack) return false;
  }
  if (request.has_until()) {
    const auto first = std::min(file.index.first.value_or(file.index.opened), file.index.opened);
    if (first >= request.until() && first - request.until() > kSlack) return false;
  }
  return true;
}

bool is_wanted(const towl::ServedFile& file, const towl::v1::ListFilesRequest& request) {
  if (request.has_org() && request.org() != file.header.org) return false;
  if (request.has_title() && request.title() != file.header.title) return false;
  return may_overlap(file, request);
}

towl::RetentionPolicy to_policy(const towl::v1::RetainRequest& request, const towl::RetentionPolicy& configured) {
  towl::RetentionPolicy policy;
  if (request.has_max_age()) policy.max_age_ns = request.max_age();
  if (request.has_max_bytes()) policy.max_bytes = request.max_bytes();
  if (request.has_keep_free_bytes()) policy.keep_free_bytes = request.keep_free_bytes();
  if (request.has_keep_free_percent()) policy.keep_free_percent = request.keep_free_percent();
  const bool any = policy.max_age_ns || policy.max_bytes || policy.keep_free_bytes || policy.keep_free_percent;
  return any ? policy : configured;
}

grpc::ServerUnaryReactor* refuse(grpc::ServerUnaryReactor* reactor, const grpc::Status& status) {
  reactor->Finish(status);
  return reactor;
}

bool is_valid(const towl::v1::RetainRequest& request) {
  if (request.has_max_age() && request.max_age() < 0) return false;
  // Written so that a NaN is refused as well.
  return !request.has_keep_free_percent() || (request.keep_free_percent() >= 0 && request.keep_free_percent() <= 100);
}

}  // namespace

TowlService::TowlService(const Config& config, Ingest& ingest, boost::asio::thread_pool& pool,
                         boost::asio::thread_pool& query_pool, std::shared_ptr<Access> access,
                         std::shared_ptr<LimitCounts> reached)
    : config_(config),
      access_(std::move(access)),
      reached_(std::move(reached)),
      started_(towl::now()),
      ingest_(ingest),
      pool_(pool),
      query_pool_(query_pool),
      query_limits_(limits_of(config)),
      catalog_(ingest.reader(), ingest.state()),
      budget_(config.limits, reached_),
      appends_(config.limits, Limit::appends, reached_),
      pulls_(config.limits, Limit::pulls, reached_),
      followers_(config.limits, Limit::followers, reached_),
      pushes_(config.limits, Limit::pushes, reached_),
      queries_(config.limits, Limit::query_calls, reached_),
      following_(config.limits, Limit::query_followers, reached_) {}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* TowlService::Append(grpc::CallbackServerContext* context) {
  auto admitted = admit(*context, Need::ingest);
  if (!admitted.status.ok()) {
    return RefusedStream<grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>>::start(
        std::move(admitted.status));
  }
  return AppendReactor::start(*context, ingest_, config_.store.durability, appends_, std::move(admitted.grant),
                              config_.limits[Limit::append_entries], reached_);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* TowlService::Pull(grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request) {
  const auto admitted = admit(*context, Need::read);
  if (!admitted.status.ok()) {
    return RefusedStream<grpc::ServerWriteReactor<grpc::ByteBuffer>>::start(admitted.status);
  }
  return PullReactor::start(*context, *request,
                            {ingest_, catalog_, budget_, pull_counters_, pulls_, followers_, pool_,
                             config_.limits.time(Limit::pull_stall_time), reached_},
                            admitted.grant);
}

grpc::ServerWriteReactor<towl::v1::QueryResponse>* TowlService::Query(grpc::CallbackServerContext* context,
                                                                      const towl::v1::QueryRequest* request) {
  const auto admitted = admit(*context, Need::read);
  if (!admitted.status.ok()) {
    return RefusedStream<grpc::ServerWriteReactor<towl::v1::QueryResponse>>::start(admitted.status);
  }
  return QueryReactor::start(*context, *request,
                             {ingest_, catalog_, query_limits_, queries_, following_, query_pool_,
                              config_.limits.time(Limit::pull_stall_time), reached_},
                             admitted.grant);
}

Admitted TowlService::admit(grpc::CallbackServerContext& context, Need need) const {
  return access_ ? towld::admit(*access_, context, need) : Admitted{};
}

grpc::Status TowlService::list_files(const towl::Catalog& catalog, const towl::v1::ListFilesRequest& request,
                                     towl::v1::ListFilesResponse& response) const {
  const auto files = catalog.files();
  if (!files) return to_status(files.error());
  const auto wanted = request.page_size();
  const int page_size = static_cast<int>(wanted == 0 ? kMaxPageSize : std::min(wanted, kMaxPageSize));
  response.set_next_file_id(files->next_file_id);
  response.set_store(catalog_.identity());
  files->each_after(request.after_file_id(), [&](const towl::ServedFile& file) {
    if (!is_wanted(file, request)) return true;
    if (response.files_size() == page_size) {
      response.set_more(true);
      return false;
    }
    to_message(file, *response.add_files());
    return true;
  });
  return grpc::Status::OK;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* TowlService::Push(grpc::CallbackServerContext* context) {
  auto admitted = admit(*context, Need::ingest);
  if (!admitted.status.ok()) {
    return RefusedStream<grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>>::start(
        std::move(admitted.status));
  }
  return PushReactor::start(*context, ingest_, config_.store.durability, push_counters_, pushes_,
                            std::move(admitted.grant), config_.limits, reached_);
}

grpc::ServerUnaryReactor* TowlService::ListFiles(grpc::CallbackServerContext* context,
                                                 const towl::v1::ListFilesRequest* request,
                                                 towl::v1::ListFilesResponse* response) {
  auto* reactor = context->DefaultReactor();
  auto admitted = admit(*context, Need::read);
  if (!admitted.status.ok()) return refuse(reactor, admitted.status);
  // May read the disk, so not on gRPC's thread; and what was acknowledged at a lower level is made durable first, so
  // that a mirror made now has it.
  const auto answer = [this, reactor, request, response, grant = std::move(admitted.grant)] {
    boost::asio::post(pool_, [this, reactor, request, response, grant] {
      reactor->Finish(list_files(visible_to(grant, catalog_), *request, *response));
    });
  };
  if (ingest_.state().get().unsynced) {
    ingest_.make_durable(answer);
  } else {
    answer();
  }
  return reactor;
}

grpc::ServerUnaryReactor* TowlService::Retain(grpc::CallbackServerContext* context,
                                              const towl::v1::RetainRequest* request,
                                              towl::v1::RetainResponse* response) {
  auto* reactor = context->DefaultReactor();
  if (const auto admitted = admit(*context, Need::admin); !admitted.status.ok()) {
    return refuse(reactor, admitted.status);
  }
  if (!is_valid(*request)) {
    reactor->Finish({grpc::StatusCode::INVALID_ARGUMENT, "ages must not be negative, percentages be 0 to 100"});
    return reactor;
  }
  const auto policy = to_policy(*request, config_.store.retain);
  const bool taken = ingest_.run([=](towl::StoreWriter& writer) -> std::function<void()> {
    if (request->confirm_clock()) writer.confirm_clock();
    const auto removed = writer.retain(policy, request->dry_run());
    if (const auto gap = writer.clock_gap_ns()) response->set_clock_gap(*gap);
    if (!removed) return [reactor, status = to_status(removed.error())] { reactor->Finish(status); };
    for (const towl::FileInfo& file : *removed) to_message(file, *response->add_removed());
    return [reactor] { reactor->Finish(grpc::Status::OK); };
  });
  if (!taken) reactor->Finish(stopping_status());
  return reactor;
}

grpc::ServerUnaryReactor* TowlService::GetConfig(grpc::CallbackServerContext* context,
                                                 const towl::v1::GetConfigRequest*,
                                                 towl::v1::GetConfigResponse* response) {
  if (const auto admitted = admit(*context, Need::admin); !admitted.status.ok()) {
    return refuse(context->DefaultReactor(), admitted.status);
  }
  response->set_version(std::string(towl::kVersion));
  response->set_yaml(print_config(config_));
  auto* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

void TowlService::set_parts(AskParts ask) {
  std::lock_guard lock(parts_mutex_);
  ask_parts_ = std::move(ask);
}

grpc::Status TowlService::stats(bool describe, towl::v1::StatsResponse& response) const {
  const auto files = catalog_.files();
  if (!files) return to_status(files.error());
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  files->each_after(0, [&](const towl::ServedFile& file) {
    ++count;
    bytes += file.size;
    return true;
  });
  const IngestCounters& counters = ingest_.counters();
  response.set_started(started_);
  response.set_entries_received(counters.received);
  response.set_entries_stored(counters.stored);
  response.set_entries_rejected(counters.rejected);
  response.set_entries_dropped(counters.dropped);
  response.set_bytes_stored(counters.bytes_stored);
  response.set_syncs(counters.syncs);
  response.set_sync_time(counters.sync_time_ns);
  response.set_pulls(pull_counters_.begun);
  response.set_active_pulls(pull_counters_.active);
  response.set_followers(pull_counters_.followers);
  response.set_bytes_pulled(pull_counters_.bytes);
  response.set_active_appends(static_cast<std::uint32_t>(appends_.count()));
  response.set_queued_bytes(ingest_.queued_bytes());
  response.set_files(count);
  response.set_file_bytes(bytes);
  response.set_resident_bytes(resident_bytes());
  std::lock_guard lock(parts_mutex_);
  if (ask_parts_) to_message(ask_parts_(describe), response);
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* TowlService::Stats(grpc::CallbackServerContext* context,
                                             const towl::v1::StatsRequest* request, towl::v1::StatsResponse* response) {
  auto* reactor = context->DefaultReactor();
  if (const auto admitted = admit(*context, Need::whole); !admitted.status.ok()) {
    return refuse(reactor, admitted.status);
  }
  boost::asio::post(pool_, [this, reactor, response, describe = request->describe()] {
    reactor->Finish(stats(describe, *response));
  });
  return reactor;
}

void TowlService::stop() {
  appends_.stop();
  pulls_.stop();
  followers_.stop();
  pushes_.stop();
  queries_.stop();
  following_.stop();
}

std::size_t TowlService::active_calls() const {
  return appends_.count() + pulls_.count() + followers_.count() + pushes_.count() + queries_.count() +
         following_.count();
}

void TowlService::wait_until_idle(std::chrono::milliseconds patience) const {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (active_calls() > 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void TowlService::end_revoked() {
  appends_.end_revoked();
  pulls_.end_revoked();
  followers_.end_revoked();
  pushes_.end_revoked();
  queries_.end_revoked();
  following_.end_revoked();
}

void TowlService::check_progress() {
  pulls_.check_progress();
  followers_.check_progress();
  queries_.check_progress();
  following_.check_progress();
}

void TowlService::end_stuck_pulls() {
  for (const auto& holder : budget_.too_stuck(PullBudget::Clock::now())) holder->end_stuck();
}

}  // namespace towld
