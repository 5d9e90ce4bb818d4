#include "outputs/towl/forwarder.hpp"

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "limits/limits.hpp"
#include "outputs/backlog.hpp"
#include "outputs/towl/forward_position.hpp"
#include "outputs/towl/forward_security.hpp"
#include "outputs/towl/push_session.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

void sleep_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, time, [] { return false; });
}

std::shared_ptr<grpc::Channel> connect(const std::string& remote, const towl::rpc::ChannelSecurity& security,
                                       std::chrono::milliseconds ping_every) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(ping_every.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(ping_every.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // The pauses are this side's.
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  return towl::rpc::open_channel(remote, security, arguments);
}

}  // namespace

std::unique_ptr<Forwarder> Forwarder::start(ForwarderConfig config, Ingest& ingest,
                                            std::shared_ptr<spdlog::logger> log) {
  auto forwarder = std::make_unique<Forwarder>(std::move(config), ingest, std::move(log));
  Forwarder* self = forwarder.get();
  self->report_waiting();
  self->watcher_ = std::jthread([self](const std::stop_token& stop) { self->watch(stop); });
  self->thread_ = std::jthread([self](const std::stop_token& stop) { self->work(stop); });
  return forwarder;
}

Forwarder::Forwarder(ForwarderConfig config, Ingest& ingest, std::shared_ptr<spdlog::logger> log)
    : config_(std::move(config)),
      source_("output/" + config_.name),
      ingest_(ingest),
      log_(std::move(log)),
      catalog_(ingest.reader(), ingest.state()),
      back_off_(kFirstForwardPause, kLongestForwardPause) {
  for (const towl::SourcePosition& position : ingest_.positions()) {
    if (position.source != source_) continue;
    state_.acknowledged = stored_position_ = parse_push_position(position.position).value_or(PushPosition{});
  }
}

void Forwarder::stop() {
  thread_.request_stop();
  watcher_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (watcher_.joinable()) watcher_.join();
  store_position();
}

void Forwarder::work(const std::stop_token& stop) {
  if (!wait_for_identity(stop)) return;
  for (; !stop.stop_requested(); sleep_for(back_off_.next(), stop)) {
    const PushPosition before = state().acknowledged;
    const auto begun = std::chrono::steady_clock::now();
    // If one has answered, the first is tried again first.
    (void)std::any_of(config_.to.remotes.begin(), config_.to.remotes.end(),
                      [&](const std::string& remote) { return !stop.stop_requested() && serve(remote, stop); });
    // An answer alone is no success: a collector may greet and then refuse what is sent.
    const bool lasted = std::chrono::steady_clock::now() - begun >= kLongestForwardPause;
    if (lasted || state().acknowledged != before) back_off_.progressed();
  }
}

// Pushes to one collector until the connection fails. Whether it had answered.
bool Forwarder::serve(const std::string& remote, const std::stop_token& stop) {
  // Read for each connection: a token or a certificate that was replaced is taken without a restart.
  const auto security = read_security(config_.to, remote);
  if (!security) {
    report_failure(remote, security.error().to_string());
    return false;
  }
  const auto channel = connect(remote, *security, config_.ping_every);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + kForwardConnectTime)) {
    if (!stop.stop_requested()) {
      report_failure(remote, security->tls ? "no answer from it, or not the certificate that is expected (tls.ca)"
                                           : "no answer from it");
    }
    return false;
  }
  const auto stub = towl::v1::Towl::NewStub(channel);
  bool answered = false;
  PushSession::Callbacks callbacks;
  callbacks.connected = [&](const PushPosition& collector) {
    answered = true;
    return connected(remote, collector);
  };
  callbacks.acknowledged = [this](const PushPosition& stored, std::uint64_t entries) { acknowledged(stored, entries); };
  callbacks.sent = [this](std::uint64_t bytes) {
    std::lock_guard lock(mutex_);
    state_.bytes += bytes;
  };
  callbacks.lost = [this](const std::string& what) { log_->error("output {}: {}", config_.name, what); };
  const std::uint64_t upstreams = ingest_.upstreams().version();
  callbacks.is_current = [this, upstreams] { return ingest_.upstreams().version() == upstreams; };
  const auto session = std::make_shared<PushSession>(catalog_, std::move(callbacks));
  ingest_.state().add(session);
  PushSession::Sender sender{.identity = identity_, .through = {}, .token = security->token};
  sender.through = ingest_.upstreams().all();
  const std::string why = session->run(*stub, sender, stop);
  {
    std::lock_guard lock(mutex_);
    state_.remote.clear();
  }
  if (!stop.stop_requested()) report_failure(remote, why);
  return answered;
}

// Whether the collector's position can be: it is not after this side's own record, or the file has the same digest
// there. A crash may have taken the record back; a stranger who pushes under this store's identity knows no digest.
towl::Result<void> Forwarder::believe(const PushPosition& collector) const {
  {
    std::lock_guard lock(mutex_);
    if (further(state_.acknowledged, collector) == state_.acknowledged) return {};
  }
  const auto wrong = [&](const std::string& why) {
    return towl::fail(towl::ErrorCode::diverged, "it says that it has " + std::to_string(collector.count) +
                                                     " entries of file " + std::to_string(collector.file_id) +
                                                     ", which this store never sent: " + why +
                                                     "; does another one push under this store's identity?");
  };
  // No entries have the same digest in every file: that would prove nothing of those before.
  if (collector.count == 0) return wrong("no entry of that file proves it");
  const auto file = catalog_.find(collector.file_id);
  if (!file) return towl::fail(file.error());
  if (!*file || (*file)->index.count < collector.count) return wrong("it has not so many");
  towl::FeedStart start{.file_id = collector.file_id, .count = collector.count};
  start.proof = towl::MirrorProof{.opened = (*file)->index.opened, .digest = collector.digest};
  const auto begun = towl::StoreFeed(start, catalog_).next(1);
  return begun ? towl::Result<void>() : wrong(begun.error().message);
}

towl::Result<PushPosition> Forwarder::connected(const std::string& remote, const PushPosition& collector) {
  if (auto believed = believe(collector); !believed) return towl::fail(std::move(believed.error()));
  log_->info("output {}: connected to {}, which has {} entries of file {}", config_.name, remote, collector.count,
             collector.file_id);
  last_failure_.clear();
  std::lock_guard lock(mutex_);
  state_.remote = remote;
  ++state_.connections;
  state_.acknowledged = further(collector, state_.acknowledged);
  return state_.acknowledged;
}

// Its store tells collectors who an agent is, once it has an entry.
bool Forwarder::wait_for_identity(const std::stop_token& stop) {
  for (; !stop.stop_requested(); sleep_for(100ms, stop)) {
    identity_ = ingest_.state().get().identity;
    if (!identity_.empty()) return true;
  }
  return false;
}

// Once for each change: an outage of hours is one line.
void Forwarder::report_failure(const std::string& remote, const std::string& why) {
  {
    std::lock_guard lock(mutex_);
    ++state_.failures;
  }
  const std::string failure = remote + ": " + why;
  if (failure == last_failure_) return;
  last_failure_ = failure;
  log_->warn("output {}: {}; entries are kept here and sent later", config_.name, failure);
}

void Forwarder::acknowledged(const PushPosition& position, std::uint64_t entries) {
  std::lock_guard lock(mutex_);
  state_.acknowledged = further(state_.acknowledged, position);
  state_.entries += entries;
}

void Forwarder::watch(const std::stop_token& stop) {
  for (; !stop.stop_requested(); sleep_for(kForwardWatchEvery, stop)) {
    report_waiting();
    store_position();
  }
}

// It goes into the store with the next entries: if it is lost with the collector, that knows it itself.
void Forwarder::store_position() {
  Batch batch;
  {
    std::lock_guard lock(mutex_);
    if (state_.acknowledged == stored_position_) return;
    stored_position_ = state_.acknowledged;
    batch.positions = {{source_, format_push_position(stored_position_)}};
  }
  batch.durability = Durability::written;
  ingest_.submit(std::move(batch));
}

void Forwarder::report_waiting() {
  const auto files = catalog_.files();
  if (!files) {
    log_->error("output {}: cannot list the store: {}", config_.name, files.error().to_string());
    return;
  }
  Ingest::Hold hold;
  {
    std::lock_guard lock(mutex_);
    hold.keep_from = state_.acknowledged.file_id;
    hold.waiting_bytes = state_.waiting_bytes =
        backlog_behind(*files, state_.acknowledged.file_id, state_.acknowledged.count).bytes;
  }
  ingest_.hold(source_, hold);
}

ForwarderState Forwarder::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

OutputStatus Forwarder::status() const {
  const ForwarderState now = state();
  OutputStatus status = {.connected = !now.remote.empty(),
                         .peer = now.remote,
                         .remotes = config_.to.remotes,
                         .file_id = now.acknowledged.file_id,
                         .ordinal = now.acknowledged.count,
                         .entries = now.entries,
                         .bytes = now.bytes,
                         .failures = now.failures,
                         .connections = now.connections,
                         .backlog_bytes = now.waiting_bytes};
  if (const auto files = catalog_.files()) {
    const Backlog backlog = backlog_behind(*files, now.acknowledged.file_id, now.acknowledged.count);
    status.backlog_entries = backlog.entries;
    status.backlog_bytes = backlog.bytes;
  }
  return status;
}

}  // namespace towld
