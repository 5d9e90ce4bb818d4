// The bare loop that bench/kafka_bench compares the output `kafka` with: only librdkafka, with the same settings.
//
//     kafka_loop BROKERS TOPIC MESSAGES BYTES        transactions of a second each
//     kafka_loop BROKERS TOPIC MESSAGES --consume    reads them, read_committed
//
// Prints messages a second.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;

rd_kafka_t* make(rd_kafka_type_t type, std::initializer_list<std::pair<const char*, const char*>> values) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512];
  for (const auto& [name, value] : values) {
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) std::fprintf(stderr, "%s\n", why);
  }
  return rd_kafka_new(type, conf, why, sizeof why);
}

/// Ends the program if there is an error: going on would be an endless wait, or give a meaningless figure.
void must(rd_kafka_error_t* error, const char* what) {
  if (error == nullptr) return;
  std::fprintf(stderr, "kafka_loop: %s: %s\n", what, rd_kafka_error_string(error));
  std::_Exit(1);
}

void report(long messages, Clock::time_point begin) {
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::printf("%.0f\n", static_cast<double>(messages) / seconds);
}

int produce(const char* brokers, const char* topic, long messages, std::size_t bytes) {
  rd_kafka_t* kafka = make(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers},
                                               {"transactional.id", topic},
                                               {"compression.type", "zstd"},
                                               {"linger.ms", "5"},
                                               {"queue.buffering.max.messages", "500000"},
                                               {"queue.buffering.max.kbytes", "65536"},
                                               {"log_level", "0"}});
  must(rd_kafka_init_transactions(kafka, 60'000), "init_transactions");
  const auto begin = Clock::now();
  auto commit_at = begin + std::chrono::seconds(1);
  must(rd_kafka_begin_transaction(kafka), "begin_transaction");
  std::string text;
  for (long i = 0; i < messages; ++i) {
    text = "request " + std::to_string(i) + " took " + std::to_string(i * 7919 % 1000) + " ms: GET /index.html 200 OK ";
    text.resize(bytes, '.');
    const std::string entry = "0123456789abcdef0123456789abcdef/" + std::to_string(i);
    rd_kafka_vu_t parts[5] = {};
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[0].u.cstr = topic;
    parts[1].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[1].u.mem = {text.data(), text.size()};
    parts[2].vtype = RD_KAFKA_VTYPE_HEADER;
    parts[2].u.header = {"towl-entry", entry.data(), static_cast<ssize_t>(entry.size())};
    parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[3].u.i = RD_KAFKA_MSG_F_COPY;
    parts[4].vtype = RD_KAFKA_VTYPE_KEY;
    parts[4].u.mem = {const_cast<char*>("host.example"), 12};
    for (rd_kafka_error_t* error; (error = rd_kafka_produceva(kafka, parts, 5)) != nullptr;) {
      if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL) must(error, "produce");
      rd_kafka_error_destroy(error);
      rd_kafka_poll(kafka, 5);
    }
    if (i % 1000 == 0) rd_kafka_poll(kafka, 0);
    if (i + 1 == messages || (i % 1000 == 0 && Clock::now() > commit_at)) {
      must(rd_kafka_commit_transaction(kafka, 60'000), "commit_transaction");
      if (i + 1 < messages) must(rd_kafka_begin_transaction(kafka), "begin_transaction");
      commit_at = Clock::now() + std::chrono::seconds(1);
    }
  }
  report(messages, begin);
  rd_kafka_destroy(kafka);
  return 0;
}

int consume(const char* brokers, const char* topic, long messages) {
  rd_kafka_t* kafka = make(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers},
                                               {"group.id", "bare"},
                                               {"isolation.level", "read_committed"},
                                               {"auto.offset.reset", "earliest"},
                                               {"enable.auto.commit", "false"},
                                               {"log_level", "0"}});
  rd_kafka_poll_set_consumer(kafka);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(kafka, topics);
  auto begin = Clock::now();
  for (long got = 0; got < messages;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(kafka, 1000);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && got++ == 0) begin = Clock::now();
    rd_kafka_message_destroy(message);
  }
  report(messages, begin);
  rd_kafka_consumer_close(kafka);
  rd_kafka_destroy(kafka);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const long messages = std::atol(argv[3]);
  if (std::strcmp(argv[4], "--consume") == 0) return consume(argv[1], argv[2], messages);
  return produce(argv[1], argv[2], messages, static_cast<std::size_t>(std::atol(argv[4])));
}
