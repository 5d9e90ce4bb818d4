#include "inputs/kafka/kafka_input.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "limits/limits.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

int milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

std::optional<std::int64_t> number_of(std::string_view digits) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

towl::Result<std::unique_ptr<KafkaInput>> KafkaInput::start(const KafkaInputConfig& config, InputContext context,
                                                            std::span<const towl::SourcePosition> restored) {
  auto conf = make_conf(config.cluster);
  if (!conf) return towl::fail(std::move(conf.error()));
  const std::pair<const char*, std::string> values[] = {
      {"group.id", config.group},
      {"isolation.level", "read_committed"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", config.read_from == ReadFrom::beginning ? "earliest" : "latest"},
      {"queued.max.messages.kbytes", std::to_string(config.read_ahead_bytes / 1024)},
      {"queued.min.messages", std::to_string(kKafkaReadAheadEntries)},
  };
  for (const auto& [name, value] : values) {
    if (auto good = set(*conf, name, value); !good) return towl::fail(std::move(good.error()));
  }
  // Known to librdkafka from 2.2 on.
  static_cast<void>(set(*conf, "fetch.queue.backoff.ms", std::to_string(milliseconds(kKafkaReadAheadPause))));
  auto wakeup = Wakeup::create();
  if (!wakeup) return towl::fail(std::move(wakeup.error()));
  auto input = std::make_unique<KafkaInput>(config, std::move(context), std::move(*wakeup));
  const std::string ours = "kafka/" + config.group + "/";
  for (const towl::SourcePosition& position : restored) {
    if (!position.source.starts_with(ours)) continue;
    if (const auto offset = number_of(position.position)) input->own_[std::string(position.source)] = *offset;
  }
  rd_kafka_conf_set_opaque(conf->get(), input.get());
  rd_kafka_conf_set_rebalance_cb(conf->get(), &rebalance);
  rd_kafka_conf_set_error_cb(conf->get(), &take_error);
  rd_kafka_conf_set_log_cb(conf->get(), &take_log);
  auto consumer = make_kafka(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!consumer) return towl::fail(std::move(consumer.error()));
  rd_kafka_poll_set_consumer(consumer->get());
  const KafkaPartitions topics(rd_kafka_topic_partition_list_new(static_cast<int>(config.topics.size())));
  for (const std::string& topic : config.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  if (const auto error = rd_kafka_subscribe(consumer->get(), topics.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return towl::fail(towl::ErrorCode::invalid_argument, std::string("kafka: ") + rd_kafka_err2str(error));
  }
  input->consumer_ = std::move(*consumer);
  input->thread_ = std::jthread([self = input.get()] { self->run(); });
  return input;
}

KafkaInput::KafkaInput(KafkaInputConfig config, InputContext context, std::shared_ptr<Wakeup> wakeup)
    : config_(std::move(config)),
      context_(std::move(context)),
      wakeup_(std::move(wakeup)),
      gatherer_(context_),
      submissions_(*context_.ingest, wakeup_) {}

void KafkaInput::stop() {
  stopping_ = true;
  wakeup_->wake();
  if (thread_.joinable()) thread_.join();
}

InputStatus KafkaInput::status() const {
  std::lock_guard lock(mutex_);
  InputStatus status;
  status.counts = {{"unstored_batches", submissions_.unstored()}, {"partitions", partitions_}};
  status.error = submissions_.error();
  if (status.error->empty()) status.error = error_;
  return status;
}

// Once for the same, not every time.
void KafkaInput::fail(const std::string& message) {
  std::lock_guard lock(mutex_);
  if (message != error_ && context_.log) context_.log->error("input {}: kafka: {}", context_.name, message);
  error_ = message;
}

// Without how long it took: the same is to be logged once.
void KafkaInput::take_error(rd_kafka_t*, int error, const char* reason, void* self) {
  std::string_view what(reason);
  what = what.substr(0, what.find(" (after "));
  static_cast<KafkaInput*>(self)->fail(std::string(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(error))) + ": " +
                                       std::string(what));
}

void KafkaInput::take_log(const rd_kafka_t* kafka, int, const char*, const char* text) {
  const auto& input = *static_cast<const KafkaInput*>(rd_kafka_opaque(kafka));
  if (input.context_.log) input.context_.log->debug("input {}: librdkafka: {}", input.context_.name, text);
}

std::string KafkaInput::source_of(const Partition& partition) const {
  return "kafka/" + config_.group + "/" + partition.first + "/" + std::to_string(partition.second);
}

void KafkaInput::run() {
  while (!stopping_) {
    wakeup_->clear();
    const auto retry_in = submissions_.retry();
    const bool may_read = submissions_.may_read();
    if (may_read) may_read_at_ = Clock::now();
    // A pause gives up what was fetched ahead: a store that is only slow is not worth that. While nobody polls, the group
    // cannot give partitions to others: one that stands still is.
    const bool is_stuck = Clock::now() - may_read_at_ > kKafkaCommitEvery;
    pause(is_stuck);
    if (may_read || is_stuck) poll(may_read ? kKafkaLook : 0ms);
    note_stored();
    if (Clock::now() >= commit_at_) {
      ask_for_durable();
      commit(false);
    }
    if (!may_read && !stopping_) {
      const auto at_most = std::chrono::milliseconds(kKafkaLook);
      wakeup_->wait(-1, milliseconds(std::min(retry_in.value_or(at_most), at_most)));
    }
  }
  // Leaves the group: what is assigned is given up, see there.
  rd_kafka_consumer_close(consumer_.get());
  consumer_.reset();
}

/// Takes records for a batch, or what comes in `wait`.
void KafkaInput::poll(std::chrono::milliseconds wait) {
  const auto until = Clock::now() + wait;
  do {
    const bool any = !gatherer_.empty();
    const KafkaMessage message(rd_kafka_consumer_poll(consumer_.get(), any ? 0 : milliseconds(wait)));
    if (!message) break;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      take(*message);
    } else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      fail(rd_kafka_message_errstr(message.get()));
    }
  } while (gatherer_.bytes() < kBatchBytes && !stopping_ && Clock::now() < until);
  submit();
}

void KafkaInput::take(const rd_kafka_message_t& message) {
  const Partition partition(rd_kafka_topic_name(message.rkt), message.partition);
  gathered_[partition] = message.offset + 1;
  // What says that a key is no more, in a compacted topic.
  if (message.payload == nullptr) return;
  Draft& draft = gatherer_.draft();
  draft.received = towl::now();
  draft.text.assign(static_cast<const char*>(message.payload), message.len);
  rd_kafka_timestamp_type_t kind{};
  const std::int64_t time_ms = rd_kafka_message_timestamp(&message, &kind);
  if (kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && time_ms > 0 && time_ms < INT64_MAX / 1'000'000) {
    draft.time = time_ms * 1'000'000;
  }
  context_.counters->bytes += draft.text.size();
  gatherer_.take();
}

void KafkaInput::submit() {
  // Offsets of records without an entry alone go with the next one.
  if (gatherer_.empty()) return;
  std::vector<towl::SourcePosition> positions;
  for (const auto& [partition, offset] : gathered_) {
    positions.push_back({source_of(partition), std::to_string(offset)});
    own_[source_of(partition)] = offset;
  }
  submissions_.submit(gatherer_.finish(std::move(positions)));
  submitted_.push_back(std::exchange(gathered_, {}));
  std::lock_guard lock(mutex_);
  error_.clear();
}

/// Batches are answered in their order.
void KafkaInput::note_stored() {
  while (submitted_.size() > submissions_.unstored()) {
    for (const auto& [partition, offset] : submitted_.front()) stored_[partition] = offset;
    submitted_.pop_front();
  }
}

/// What is stored now is durable once `done` is called.
void KafkaInput::ask_for_durable() {
  if (stored_.empty()) return;
  {
    std::lock_guard lock(durable_->mutex);
    if (durable_->is_asked) return;
    durable_->is_asked = true;
  }
  context_.ingest->make_durable([durable = durable_, offsets = std::exchange(stored_, {}), wakeup = wakeup_] {
    {
      std::lock_guard lock(durable->mutex);
      for (const auto& [partition, offset] : offsets) durable->offsets[partition] = offset;
      durable->is_asked = false;
    }
    wakeup->wake();
  });
}

void KafkaInput::commit(bool wait) {
  commit_at_ = Clock::now() + kKafkaCommitEvery;
  Offsets offsets;
  {
    std::lock_guard lock(durable_->mutex);
    offsets = std::exchange(durable_->offsets, {});
  }
  if (offsets.empty()) return;
  const std::string identity = context_.ingest->state().get().identity;
  const KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets) {
    rd_kafka_topic_partition_t* added =
        rd_kafka_topic_partition_list_add(list.get(), partition.first.c_str(), partition.second);
    added->offset = offset;
    added->metadata = ::strdup(identity.c_str());
    added->metadata_size = identity.size();
  }
  const auto error = rd_kafka_commit(consumer_.get(), list.get(), wait ? 0 : 1);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail(std::string("cannot commit: ") + rd_kafka_err2str(error));
}

void KafkaInput::pause(bool paused) {
  if (paused == is_paused_) return;
  is_paused_ = paused;
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  if (rd_kafka_assignment(consumer_.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const KafkaPartitions list(assigned);
  if (paused) {
    rd_kafka_pause_partitions(consumer_.get(), list.get());
  } else {
    rd_kafka_resume_partitions(consumer_.get(), list.get());
  }
}

void KafkaInput::rebalance(rd_kafka_t* kafka, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions,
                           void* self) {
  auto& input = *static_cast<KafkaInput*>(self);
  if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    input.assign(*partitions);
    rd_kafka_assign(kafka, partitions);
  } else {
    // Of a partition that is lost another member may have it already: nothing can be committed.
    if (rd_kafka_assignment_lost(kafka) == 0) input.give_up(*partitions);
    input.forget();
    rd_kafka_assign(kafka, nullptr);
    input.partitions_ = 0;
  }
}

/// Says where to begin.
void KafkaInput::assign(rd_kafka_topic_partition_list_t& partitions) {
  is_paused_ = false;
  partitions_ = static_cast<std::uint64_t>(partitions.cnt);
  const KafkaPartitions committed(rd_kafka_topic_partition_list_copy(&partitions));
  const auto error = rd_kafka_committed(consumer_.get(), committed.get(), milliseconds(kKafkaAnswerTime));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail(std::string("cannot ask for offsets: ") + rd_kafka_err2str(error));
  const std::string identity = context_.ingest->state().get().identity;
  for (int i = 0; i < partitions.cnt; ++i) {
    rd_kafka_topic_partition_t& partition = partitions.elems[i];
    const rd_kafka_topic_partition_t& group = committed->elems[i];
    const std::string_view by(static_cast<const char*>(group.metadata), group.metadata_size);
    const bool is_ours = group.offset >= 0 && !identity.empty() && by == identity;
    const auto own = own_.find(source_of({partition.topic, partition.partition}));
    if (own != own_.end() && (is_ours || group.offset < own->second)) {
      partition.offset = own->second;
    } else if (group.offset >= 0) {
      partition.offset = group.offset;
    }
  }
}

/// Another member goes on: all that was read is stored here first, and the group knows.
void KafkaInput::give_up(rd_kafka_topic_partition_list_t& partitions) {
  submit();
  if (!store_all() && context_.log) {
    context_.log->warn(
        "input {}: {} partitions are given up before what was read is stored: the last of it may be "
        "stored by another collector as well",
        context_.name, partitions.cnt);
  }
  commit(true);
}

/// What is told of these partitions from now on is another member's.
void KafkaInput::forget() {
  gatherer_.discard();
  gathered_.clear();
  for (Offsets& offsets : submitted_) offsets.clear();
  stored_.clear();
  // The writer's thread may still have the old one.
  durable_ = std::make_shared<Durable>();
}

/// Waits until all is durable. False if that takes too long.
bool KafkaInput::store_all() {
  const auto until = Clock::now() + kKafkaHandOverTime;
  const auto is_durable = [&] {
    std::lock_guard lock(durable_->mutex);
    return !durable_->is_asked && stored_.empty();
  };
  while (Clock::now() < until) {
    wakeup_->clear();
    submissions_.retry();
    note_stored();
    ask_for_durable();
    if (submissions_.all_stored() && submitted_.empty() && is_durable()) return true;
    wakeup_->wait(-1, 50);
  }
  return false;
}

}  // namespace towld
