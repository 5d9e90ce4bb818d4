// KafkaSink produces entries to topics of Kafka, by librdkafka.
//
// Once:    with transactions, what is written between two commits and the position after it are one transaction: the
//          position is committed as the offset of a consumer group that has the transactional ID as its name, with
//          "towl 1 FILE_ID UUID ORDINAL" as its metadata. So after any crash the cluster itself says where to go on, and
//          for consumers that read what is committed each entry is there once, in order for each key.
// Else:    without transactions what was acknowledged since the cursor is there twice after a crash.
// Headers: "towl-entry", UUID/ORDINAL, says of each message which entry it is, or with `format: otlp` the first of those
//          that it has.
// Failure: after any error of a transaction a new producer is made: that aborts what the old one had begun, and fences
//          off another one of the same ID.
// Refused: an entry that is larger than a message may be is passed over, counted and logged.
// Threads: one at a time; librdkafka has its own.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "kafka/kafka_handle.hpp"
#include "log/spdlog.hpp"
#include "outputs/entry_format.hpp"
#include "outputs/entry_template.hpp"
#include "outputs/kafka/kafka_output_config.hpp"
#include "outputs/otlp_batch.hpp"
#include "outputs/sink.hpp"

namespace towld {

class KafkaSink final : public Sink {
 public:
  /// `identity` returns that of the store. The templates must be valid.
  KafkaSink(KafkaOutputConfig config, std::string name, std::function<std::string()> identity,
            std::shared_ptr<spdlog::logger> log);
  ~KafkaSink() override { close(); }

  towl::Result<void> open(const std::optional<std::string>& committed) override;
  bool keeps_position() const override { return config_.transactional; }
  towl::Result<std::optional<StorePosition>> find_position() override;
  bool has_moved() override { return !producer_ || is_broken_; }
  towl::Result<void> reopen() override { return open(std::nullopt); }
  void add(const FollowedEntry& followed) override;
  std::size_t unwritten_bytes() const override { return bytes_; }
  std::size_t large_enough() const override {
    // Of entries of many keys each makes a message: the more at a time, the fuller they are.
    return config_.format == KafkaFormat::otlp ? 4 * kKafkaBatchBytes : kKafkaBatchBytes;
  }
  std::uint64_t refused() const override { return refused_; }
  bool is_within() const override { return next_ > 0; }
  towl::Result<bool> write() override;
  void wait(Wakeup& wakeup) override;
  towl::Result<std::string> commit() override;

 private:
  struct Message {
    std::size_t topic = 0;  // where they begin in text_
    std::size_t key = 0;
    std::size_t value = 0;
    std::size_t end = 0;
    StorePosition at = {};  // of the entry, or the first
    std::uint64_t entries = 1;
  };
  /// Entries that will be one message.
  struct Group {
    std::string address;  // the topic, a NUL, the key
    OtlpBatch batch;
    StorePosition first = {};
  };

  void close();
  void forget();
  void add_to_group(const FollowedEntry& followed);
  void seal(Group& group);
  towl::Result<void> begin();
  towl::Result<bool> produce(const Message& message);
  towl::Result<void> commit_transaction();
  towl::Error told(std::string what, const rd_kafka_error_t* error);
  std::string transactional_id() const;
  std::string last_error();
  static void take_report(rd_kafka_t* kafka, const rd_kafka_message_t* message, void* self);
  static void take_error(rd_kafka_t* kafka, int error, const char* reason, void* self);
  static void take_log(const rd_kafka_t* kafka, int level, const char* facility, const char* text);

  const KafkaOutputConfig config_;
  const std::string name_;
  const std::function<std::string()> identity_;
  const std::shared_ptr<spdlog::logger> log_;
  EntryTemplate topic_;
  EntryTemplate key_;
  EntryFormatter formatter_;
  towl::RecordView record_;
  std::string text_;
  std::vector<Message> messages_;
  std::size_t next_ = 0;  // of the messages
  std::size_t bytes_ = 0;
  std::vector<Group> groups_;  // the first used_groups_ of them, as they began
  std::size_t used_groups_ = 0;
  std::unordered_map<std::string, std::size_t> group_of_;  // by address
  std::string address_;
  std::uint64_t refused_ = 0;
  StorePosition added_;  // after the last one that was added
  StorePosition after_;  // after the last one that was produced
  bool in_transaction_ = false;

  std::mutex mutex_;
  std::string error_;            // what librdkafka reported last, under the mutex
  std::string failed_delivery_;  // the same
  std::atomic<bool> is_broken_ = false;
  Kafka producer_;  // destroyed first
};

}  // namespace towld
