// KafkaInput collects topics of Kafka, as a member of a consumer group.
//
// Once:      the offset after each record is stored in the frame of its entry, as the position of
//            "kafka/GROUP/TOPIC/PARTITION"; a start goes on there, whatever died. The group's own offsets are committed
//            for other collectors of the group, after what they stand for is durable here, with the store's identity as
//            their metadata. A member that is given a partition begins at its own position if the group's offset is its
//            own or lower, else at the group's: another member has read on since.
// Handed over: before a partition is given up, all that was read of it is stored, durable and committed: the next member
//            begins right after. Only if a collector dies may another one have what it stored in the last second
//            before that as well: in another store.
// Waiting:   while the store takes no more, nothing is read, and after a second of that partitions are paused; nothing is
//            dropped.
// Threads:   its own, joined by stop() and the destructor; librdkafka has its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "config/read_from.hpp"
#include "ingest/wakeup.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"
#include "inputs/submissions.hpp"
#include "kafka/kafka_config.hpp"
#include "kafka/kafka_handle.hpp"
#include "limits/limits.hpp"

namespace towld {

struct KafkaInputConfig {
  KafkaConfig cluster = {};
  std::string group = "towl";
  std::vector<std::string> topics = {};  ///< One that begins with ^ is a regular expression.
  ReadFrom read_from = ReadFrom::beginning;
  std::uint64_t read_ahead_bytes = kKafkaReadAheadBytes;

  friend bool operator==(const KafkaInputConfig&, const KafkaInputConfig&) = default;
};

class KafkaInput final : public Input {
 public:
  /// `restored` are Ingest::positions(). Borrows the ingest. Errors: invalid_argument, those of make_conf(). Brokers need
  /// not be there.
  static towl::Result<std::unique_ptr<KafkaInput>> start(const KafkaInputConfig& config, InputContext context,
                                                         std::span<const towl::SourcePosition> restored);

  /// For start() alone.
  KafkaInput(KafkaInputConfig config, InputContext context, std::shared_ptr<Wakeup> wakeup);
  ~KafkaInput() override { stop(); }

  void stop() override;
  InputStatus status() const override;

 private:
  using Clock = std::chrono::steady_clock;
  using Partition = std::pair<std::string, std::int32_t>;  // topic and number
  using Offsets = std::map<Partition, std::int64_t>;       // of the next record

  /// What the writer's thread says of what is durable; outlives the input.
  struct Durable {
    std::mutex mutex;
    Offsets offsets;
    bool is_asked = false;
  };

  void run();
  void poll(std::chrono::milliseconds wait);
  void take(const rd_kafka_message_t& message);
  void submit();
  void note_stored();
  void ask_for_durable();
  void commit(bool wait);
  void pause(bool paused);
  void assign(rd_kafka_topic_partition_list_t& partitions);
  void give_up(rd_kafka_topic_partition_list_t& partitions);
  void forget();
  bool store_all();
  std::string source_of(const Partition& partition) const;
  void fail(const std::string& message);
  static void rebalance(rd_kafka_t* kafka, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions,
                        void* self);
  static void take_error(rd_kafka_t* kafka, int error, const char* reason, void* self);
  static void take_log(const rd_kafka_t* kafka, int level, const char* facility, const char* text);

  const KafkaInputConfig config_;
  InputContext context_;
  std::shared_ptr<Wakeup> wakeup_;
  // Of the thread.
  Gatherer gatherer_;
  Submissions submissions_;
  std::map<std::string, std::int64_t> own_;  // positions of this store, by source
  Offsets gathered_;                         // after what the gatherer has
  std::deque<Offsets> submitted_;            // after each batch that is not stored
  Offsets stored_;                           // not yet known to be durable
  std::shared_ptr<Durable> durable_ = std::make_shared<Durable>();
  Clock::time_point commit_at_ = {};
  bool is_paused_ = false;
  Clock::time_point may_read_at_ = Clock::now();  // the last time that the store had room

  mutable std::mutex mutex_;
  std::string error_;
  std::atomic<std::uint64_t> partitions_ = 0;
  std::atomic<bool> stopping_ = false;
  Kafka consumer_;
  std::jthread thread_;
};

}  // namespace towld
