#include "outputs/kafka/kafka_sink.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

#include "limits/limits.hpp"
#include "towl/query/address.hpp"

namespace towld {
namespace {

constexpr const char* kEntryHeader = "towl-entry";
constexpr std::string_view kCursorMagic = "towl 1 ";

int milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

std::string cursor_text(const StorePosition& position) {
  return std::string(kCursorMagic) + std::to_string(position.file_id) + " " + towl::uuid_text(position.uuid) + " " +
         std::to_string(position.ordinal);
}

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<StorePosition> read_cursor(std::string_view text) {
  if (!text.starts_with(kCursorMagic)) return std::nullopt;
  text.remove_prefix(kCursorMagic.size());
  const auto first = text.find(' ');
  const auto last = text.rfind(' ');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const auto file_id = number_of(text.substr(0, first));
  const auto uuid = towl::read_uuid(text.substr(first + 1, last - first - 1));
  const auto ordinal = number_of(text.substr(last + 1));
  if (!file_id || !uuid || !ordinal) return std::nullopt;
  return StorePosition{*file_id, *ordinal, *uuid};
}

}  // namespace

KafkaSink::KafkaSink(KafkaOutputConfig config, std::string name, std::function<std::string()> identity,
                     std::shared_ptr<spdlog::logger> log)
    : config_(std::move(config)),
      name_(std::move(name)),
      identity_(std::move(identity)),
      log_(std::move(log)),
      topic_(EntryTemplate::parse(config_.topic).value_or(EntryTemplate())),
      key_(EntryTemplate::parse(config_.key).value_or(EntryTemplate())),
      formatter_(config_.format == KafkaFormat::raw ? OutputFormat::text : OutputFormat::json) {}

void KafkaSink::close() {
  // What waits in it is not delivered any more: it is read again from the cursor on.
  if (producer_) rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  producer_.reset();
  in_transaction_ = false;
}

/// What was added.
void KafkaSink::forget() {
  text_.clear();
  messages_.clear();
  for (std::size_t i = 0; i < used_groups_; ++i) {
    address_.clear();
    groups_[i].batch.finish(address_);
  }
  used_groups_ = 0;
  group_of_.clear();
  next_ = 0;
  bytes_ = 0;
}

std::string KafkaSink::transactional_id() const {
  return config_.transactional_id.empty() ? "towl-" + identity_() + "-" + name_ : config_.transactional_id;
}

std::string KafkaSink::last_error() {
  std::lock_guard lock(mutex_);
  return error_;
}

void KafkaSink::take_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  auto& sink = *static_cast<KafkaSink*>(self);
  std::lock_guard lock(sink.mutex_);
  sink.failed_delivery_ = rd_kafka_err2str(message->err);
}

void KafkaSink::take_error(rd_kafka_t*, int error, const char* reason, void* self) {
  auto& sink = *static_cast<KafkaSink*>(self);
  std::lock_guard lock(sink.mutex_);
  // Without how long it took: the same is to be logged once.
  const std::string_view what(reason);
  sink.error_ = what.substr(0, what.find(" (after "));
  if (error == RD_KAFKA_RESP_ERR__FATAL) sink.is_broken_ = true;
}

// What it has to say is told by errors; the rest is for people who look for something.
void KafkaSink::take_log(const rd_kafka_t* kafka, int, const char*, const char* text) {
  const auto& sink = *static_cast<const KafkaSink*>(rd_kafka_opaque(kafka));
  if (sink.log_) sink.log_->debug("output {}: librdkafka: {}", sink.name_, text);
}

/// `error` may be nullptr.
towl::Error KafkaSink::told(std::string what, const rd_kafka_error_t* error) {
  std::string message = "kafka: " + std::move(what);
  if (error != nullptr) message += std::string(": ") + rd_kafka_error_string(error);
  if (const std::string last = last_error(); !last.empty() && message.find(last) == std::string::npos) {
    message += "; last: " + last;
  }
  return {towl::ErrorCode::io, std::move(message)};
}

towl::Result<void> KafkaSink::open(const std::optional<std::string>&) {
  close();
  forget();
  is_broken_ = false;
  {
    std::lock_guard lock(mutex_);
    error_.clear();
    failed_delivery_.clear();
  }
  if (config_.transactional && config_.transactional_id.empty() && identity_().empty()) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "kafka: transactions need a store of format 2, or a transactional_id, or transactional: false");
  }
  auto conf = make_conf(config_.cluster);
  if (!conf) return towl::fail(std::move(conf.error()));
  std::pair<const char*, std::string> values[] = {
      {"compression.type", config_.compression},
      {"acks", config_.acks},
      {"enable.idempotence", config_.idempotence ? "true" : "false"},
      {"message.max.bytes", std::to_string(config_.max_message_bytes)},
      {"linger.ms", "5"},
      // What was delivered is known once a transaction is committed, or the queue is flushed.
      {"delivery.report.only.error", "true"},
      {"queue.buffering.max.kbytes", std::to_string(kKafkaQueueBytes / 1024)},
      {"queue.buffering.max.messages", std::to_string(kKafkaQueueMessages)},
      // Without transactions a message is tried as long as this output lives.
      {"message.timeout.ms", config_.transactional ? "60000" : "300000"},
      {"transactional.id", config_.transactional ? transactional_id() : ""},
      {"transaction.timeout.ms", config_.transactional ? "60000" : ""},
  };
  for (const auto& [name, value] : values) {
    if (value.empty()) continue;
    if (auto good = set(*conf, name, value); !good) return good;
  }
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &take_report);
  rd_kafka_conf_set_error_cb(conf->get(), &take_error);
  rd_kafka_conf_set_log_cb(conf->get(), &take_log);
  auto producer = make_kafka(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!producer) return towl::fail(std::move(producer.error()));
  if (config_.transactional) {
    const KafkaError error(rd_kafka_init_transactions(producer->get(), milliseconds(kKafkaAnswerTime)));
    rd_kafka_poll(producer->get(), 0);
    if (error) return towl::fail(told("no transactions", error.get()));
  }
  producer_ = std::move(*producer);
  return {};
}

/// After init_transactions(): what another producer of this ID had begun has ended by then.
towl::Result<std::optional<StorePosition>> KafkaSink::find_position() {
  if (!config_.transactional) return std::nullopt;
  auto conf = make_conf(config_.cluster);
  if (!conf) return towl::fail(std::move(conf.error()));
  const std::pair<const char*, std::string> values[] = {
      {"group.id", transactional_id()}, {"isolation.level", "read_committed"}, {"enable.auto.commit", "false"}};
  for (const auto& [name, value] : values) {
    if (auto good = set(*conf, name, value); !good) return towl::fail(std::move(good.error()));
  }
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_log_cb(conf->get(), &take_log);
  auto consumer = make_kafka(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!consumer) return towl::fail(std::move(consumer.error()));
  const KafkaPartitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), config_.cursor_topic.c_str(), 0);
  const auto error = rd_kafka_committed(consumer->get(), list.get(), milliseconds(kKafkaAnswerTime));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return towl::fail(told(std::string("cannot ask for the cursor: ") + rd_kafka_err2str(error), nullptr));
  }
  const rd_kafka_topic_partition_t& found = list->elems[0];
  if (found.offset < 0) return std::nullopt;
  const auto position = read_cursor({static_cast<const char*>(found.metadata), found.metadata_size});
  if (position) return position;
  return towl::fail(towl::ErrorCode::invalid_argument, "kafka: the group " + transactional_id() +
                                                           " is used for something else: its offset of " +
                                                           config_.cursor_topic + " is none of towl's");
}

/// The message's topic and key are the group's, its value is still to come.
void KafkaSink::add_to_group(const FollowedEntry& followed) {
  address_.clear();
  topic_.append(followed, record_, address_);
  address_ += '\0';
  key_.append(followed, record_, address_);
  auto found = group_of_.find(address_);
  if (found == group_of_.end()) {
    if (used_groups_ == groups_.size()) groups_.emplace_back();
    groups_[used_groups_].address = address_;
    found = group_of_.emplace(address_, used_groups_++).first;
  }
  Group& group = groups_[found->second];
  const std::size_t most = config_.max_message_bytes - std::min<std::size_t>(config_.max_message_bytes, kKafkaOtlpRoom);
  const std::size_t expected = followed.entry.log_entry.size() + kKafkaOtlpRoom;
  if (!group.batch.empty() && group.batch.bytes() + expected > most) seal(group);
  if (group.batch.empty()) group.first = {followed.file_id, followed.ordinal, followed.uuid};
  const std::size_t before = group.batch.bytes();
  group.batch.add(followed, record_);
  bytes_ += group.batch.bytes() - before;
  // Alone, or with others, it may be more than a message can have: no more come to it.
  if (group.batch.bytes() > most) seal(group);
}

void KafkaSink::seal(Group& group) {
  if (group.batch.empty()) return;
  Message& message = messages_.emplace_back();
  message.at = group.first;
  message.entries = group.batch.count();
  message.topic = text_.size();
  text_ += group.address;
  message.key = message.topic + group.address.find('\0') + 1;
  message.value = text_.size();
  group.batch.finish(text_);
  message.end = text_.size();
}

void KafkaSink::add(const FollowedEntry& followed) {
  record_.set(followed.entry);
  added_ = {followed.file_id, followed.ordinal + 1, followed.uuid};
  if (config_.format == KafkaFormat::otlp) return add_to_group(followed);
  Message& message = messages_.emplace_back();
  message.at = {followed.file_id, followed.ordinal, followed.uuid};
  message.topic = text_.size();
  topic_.append(followed, record_, text_);
  text_ += '\0';
  message.key = text_.size();
  key_.append(followed, record_, text_);
  message.value = text_.size();
  formatter_.append(followed, text_);
  text_.pop_back();  // The newline.
  message.end = text_.size();
  bytes_ += message.end - message.topic + kWebEntryOverheadBytes;
}

towl::Result<void> KafkaSink::begin() {
  if (!producer_ || is_broken_) return towl::fail(told("the producer cannot go on", nullptr));
  if (in_transaction_ || !config_.transactional) return {};
  const KafkaError error(rd_kafka_begin_transaction(producer_.get()));
  if (error) return towl::fail(told("no transaction", error.get()));
  in_transaction_ = true;
  return {};
}

towl::Result<bool> KafkaSink::write() {
  if (auto begun = begin(); !begun) return towl::fail(std::move(begun.error()));
  for (std::size_t i = 0; i < used_groups_; ++i) seal(groups_[i]);
  for (; next_ < messages_.size(); ++next_) {
    const auto produced = produce(messages_[next_]);
    if (!produced) return towl::fail(produced.error());
    if (!*produced) return false;
  }
  rd_kafka_poll(producer_.get(), 0);
  forget();
  after_ = added_;
  return true;
}

/// False: there is no room now.
towl::Result<bool> KafkaSink::produce(const Message& message) {
  const std::string entry = place_of(message.at);
  std::array<rd_kafka_vu_t, 5> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = text_.data() + message.topic;
  parts[1].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[1].u.mem = {text_.data() + message.value, message.end - message.value};
  parts[2].vtype = RD_KAFKA_VTYPE_HEADER;
  parts[2].u.header = {kEntryHeader, entry.data(), static_cast<ssize_t>(entry.size())};
  parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[3].u.i = RD_KAFKA_MSG_F_COPY;
  parts[4].vtype = RD_KAFKA_VTYPE_KEY;
  parts[4].u.mem = {text_.data() + message.key, message.value - message.key};
  // Without a key, any partition will do.
  const std::size_t count = message.value > message.key ? parts.size() : parts.size() - 1;
  const KafkaError failed(rd_kafka_produceva(producer_.get(), parts.data(), count));
  const auto error = failed ? rd_kafka_error_code(failed.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    rd_kafka_poll(producer_.get(), 0);
    return false;
  }
  if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    if (log_) {
      log_->error("output {}: {} {} passed over: {} bytes are more than max_message_bytes", name_, entry,
                  message.entries == 1 ? "is" : "and those after it in the same message are",
                  message.end - message.value);
    }
    refused_ += message.entries;
  } else if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return towl::fail(told(rd_kafka_err2str(error), nullptr));
  }
  return true;
}

void KafkaSink::wait(Wakeup&) {
  if (producer_) rd_kafka_poll(producer_.get(), milliseconds(kKafkaPoll));
}

towl::Result<std::string> KafkaSink::commit() {
  if (!producer_) return towl::fail(told("not connected", nullptr));
  if (config_.transactional) {
    if (!in_transaction_) return std::string();
    if (auto done = commit_transaction(); !done) {
      close();
      return towl::fail(std::move(done.error()));
    }
    return std::string();
  }
  const auto flushed = rd_kafka_flush(producer_.get(), milliseconds(kKafkaCommitTime));
  std::lock_guard lock(mutex_);
  if (flushed != RD_KAFKA_RESP_ERR_NO_ERROR || !failed_delivery_.empty()) {
    const std::string why = failed_delivery_.empty() ? rd_kafka_err2str(flushed) : failed_delivery_;
    return towl::fail(towl::ErrorCode::io,
                      "kafka: not delivered: " + why + (error_.empty() ? "" : "; last: " + error_));
  }
  return std::string();
}

towl::Result<void> KafkaSink::commit_transaction() {
  const KafkaPartitions offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* cursor =
      rd_kafka_topic_partition_list_add(offsets.get(), config_.cursor_topic.c_str(), 0);
  cursor->offset = static_cast<std::int64_t>(after_.ordinal);
  const std::string text = cursor_text(after_);
  // librdkafka frees it with the list.
  cursor->metadata = ::strdup(text.c_str());
  cursor->metadata_size = text.size();
  const KafkaGroup group(rd_kafka_consumer_group_metadata_new(transactional_id().c_str()));
  KafkaError error(rd_kafka_send_offsets_to_transaction(producer_.get(), offsets.get(), group.get(),
                                                        milliseconds(kKafkaCommitTime)));
  if (error) return towl::fail(told("the cursor cannot be committed", error.get()));
  error.reset(rd_kafka_commit_transaction(producer_.get(), milliseconds(kKafkaCommitTime)));
  rd_kafka_poll(producer_.get(), 0);
  if (error) return towl::fail(told("the transaction cannot be committed", error.get()));
  in_transaction_ = false;
  return {};
}

}  // namespace towld
