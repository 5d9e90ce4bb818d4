#include "outputs/parquet/parquet_output.hpp"

#include <future>
#include <utility>

#include "limits/limits.hpp"
#include "outputs/backlog.hpp"
#include "outputs/parquet/host_folder.hpp"
#include "outputs/parquet/parquet_child.hpp"
#include "outputs/parquet/round_state.hpp"
#include "tables/folder_name.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

/// What was just submitted is durable soon: a sync.
constexpr auto kDurablePatience = 5s;

/// Where rounds are written: the path itself, or a folder for what goes to the place. Another place has another folder,
/// as it has other files and another state.
std::filesystem::path folder_of(const OutputContext& context, const ParquetOutputConfig& config) {
  if (!config.objects) return config.path;
  return context.cursor_folder / (context.name + ".parquet") /
         towl::folder_name(config.objects->bucket + "/" + config.objects->prefix, kParquetHostBytes);
}

towl::Timestamp now_less_grace() { return towl::now() - std::chrono::nanoseconds(kParquetGrace).count(); }

}  // namespace

towl::Result<std::unique_ptr<Output>> ParquetOutput::start(OutputContext context, const ParquetOutputConfig& config,
                                                           const std::filesystem::path& program) {
  auto wakeup = Wakeup::create();
  if (!wakeup) return towl::fail(std::move(wakeup.error()));
  auto output = std::make_unique<ParquetOutput>(std::move(context), config, program, std::move(*wakeup));
  if (config.objects) {
    auto delivery = deliver_to_objects({.place = *config.objects,
                                        .folder = output->request_.path,
                                        .output = output->context_.name,
                                        .log = output->context_.log,
                                        .is_stopped = [self = output.get()] {
                                          return self->gives_up() || (self->stopping_ && self->undelivered_before_);
                                        }});
    if (!delivery) return towl::fail(std::move(delivery.error()));
    output->delivery_ = std::move(*delivery);
  }
  if (auto checked = output->check(config.from); !checked) return towl::fail(std::move(checked.error()));
  output->thread_ = std::jthread([self = output.get()] { self->run(); });
  return output;
}

ParquetOutput::ParquetOutput(OutputContext context, const ParquetOutputConfig& config, std::filesystem::path program,
                             std::shared_ptr<Wakeup> wakeup)
    : context_(std::move(context)),
      program_(std::move(program)),
      catalog_(context_.ingest->reader(), context_.ingest->state()),
      request_{.store = context_.ingest->reader().folder().string(),
               .path = folder_of(context_, config).string(),
               .compression = std::string(name_of(kParquetCompressions, config.compression)),
               .memory = kParquetMemory},
      wakeup_(std::move(wakeup)),
      back_off_(kFirstOutputPause, kLongestOutputPause) {}

/// Whether it can be done at all, and how far it has come.
towl::Result<void> ParquetOutput::check(ReadFrom from) {
  const auto end = durable_end();
  if (!end) return towl::fail(end.error());
  if (from == ReadFrom::end) request_.start = *end;
  ParquetRequest question = request(*end);
  question.only_check = true;
  const auto answer = ask_child(program_, question, [] { return false; });
  if (answer) {
    take(*answer);
    return {};
  }
  // What may pass does not keep the collector from its start.
  const auto code = answer.error().code;
  const bool may_pass =
      code == towl::ErrorCode::no_space || code == towl::ErrorCode::io || code == towl::ErrorCode::locked;
  if (!may_pass) return towl::fail(answer.error());
  fail(answer.error());
  return {};
}

void ParquetOutput::stop() {
  if (!stopping_.exchange(true)) {
    gives_up_at_ = (Clock::now() + kParquetStopPatience).time_since_epoch().count();
    wakeup_->wake();
  }
  if (thread_.joinable()) thread_.join();
}

OutputStatus ParquetOutput::status() const {
  OutputStatus status;
  {
    std::lock_guard lock(mutex_);
    status = status_;
  }
  status.connected = status.error.empty();
  if (const auto files = catalog_.files()) {
    const Backlog backlog = backlog_behind(*files, status.file_id, status.ordinal);
    status.backlog_entries = backlog.entries;
    status.backlog_bytes = backlog.bytes;
  }
  return status;
}

void ParquetOutput::run() {
  while (!stopping_) {
    const auto more = round(false);
    if (!more) fail(more.error());
    if (more && *more) continue;
    const int pause = more ? milliseconds_to_next_round() : static_cast<int>(back_off_.next().count());
    if (!stopping_) wakeup_->wait(-1, pause);
  }
  finish();
}

// Once more, with what was submitted before the stop, and without waiting for the end of the minute.
void ParquetOutput::finish() {
  auto durable = std::make_shared<std::promise<void>>();
  context_.ingest->make_durable([durable] { durable->set_value(); });
  (void)durable->get_future().wait_for(kDurablePatience);
  for (;;) {
    const auto more = round(true);
    if (!more) fail(more.error());
    if (!more || !*more || gives_up()) return;
  }
}

/// Writes what is due. True if that was not all.
towl::Result<bool> ParquetOutput::round(bool all) {
  if (auto delivered = deliver(); !delivered) return towl::fail(std::move(delivered.error()));
  const auto end = durable_end();
  if (!end) return towl::fail(end.error());
  if (!is_first_ && !holds_ && !is_before(at_, *end)) return false;
  ParquetRequest question = request(*end);
  question.all = all;
  const auto answer = ask_child(program_, question, [this] { return gives_up(); });
  if (!answer) return towl::fail(answer.error());
  is_first_ = false;
  undelivered_ = *answer;
  if (auto delivered = deliver(); !delivered) return towl::fail(std::move(delivered.error()));
  return is_before(answer->end, *end);
}

/// What earlier rounds have written is where it belongs, and counts.
towl::Result<void> ParquetOutput::deliver() {
  if (delivery_) {
    auto delivered = delivery_->deliver();
    undelivered_before_ = !delivered;
    if (!delivered) return delivered;
  }
  if (undelivered_) take(*undelivered_);
  undelivered_.reset();
  return {};
}

towl::Result<StorePosition> ParquetOutput::durable_end() const {
  const auto files = catalog_.files();
  if (!files) return towl::fail(files.error());
  if (files->open) return StorePosition{files->open->file_id(), files->open->index.count, files->open->header.uuid};
  if (files->closed->empty()) return StorePosition{};
  const towl::ServedFile& last = files->closed->back();
  return StorePosition{last.file_id(), last.index.count, last.header.uuid};
}

ParquetRequest ParquetOutput::request(const StorePosition& end) const {
  ParquetRequest question = request_;
  question.end = end;
  question.minute = minute_of(now_less_grace()) - 1;
  return question;
}

void ParquetOutput::take(const ParquetAnswer& answer) {
  back_off_.progressed();
  holds_ = answer.holds;
  std::lock_guard lock(mutex_);
  at_ = answer.end;
  status_.file_id = answer.end.file_id;
  status_.ordinal = answer.end.ordinal;
  status_.entries += answer.entries;
  status_.bytes += answer.bytes;
  status_.missed_files += answer.missed_files;
  status_.error.clear();
  if (!context_.log) return;
  if (answer.other_hosts > 0) {
    context_.log->warn("output {}: {} entries of more than {} hosts a day are in the folder +other", context_.name,
                       answer.other_hosts, kParquetDayHosts);
  }
  if (answer.damaged_places > 0) {
    context_.log->warn("output {}: {} damaged places of the store were passed over: run towlctl verify", context_.name,
                       answer.damaged_places);
  }
}

// Logged once for the same, not every time.
void ParquetOutput::fail(const towl::Error& error) {
  if (error.code == towl::ErrorCode::closed) return;  // It was stopped while it waited for the network.
  std::string message = error.to_string();
  std::lock_guard lock(mutex_);
  if (message != status_.error && context_.log) context_.log->error("output {}: {}", context_.name, message);
  status_.error = std::move(message);
  ++status_.failures;
}

/// To kParquetGrace after the end of this minute.
int ParquetOutput::milliseconds_to_next_round() const {
  constexpr std::int64_t kMinute = 60 * towl::kNanosecondsPerSecond;
  const towl::Timestamp now = now_less_grace();
  const towl::Timestamp next = (minute_of(now) + 1) * kMinute;
  return static_cast<int>((next - now) / 1'000'000) + 1;
}

}  // namespace towld
