// An input of a protocol over TCP with a store of its own, and a client that sends bytes and reads answers.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inputs/stream/stream_input.hpp"
#include "towld/inputs/stream/listening_fixture.hpp"

namespace towld {

class StreamClient : public SocketClient {
 public:
  explicit StreamClient(int port) : SocketClient(port) {}

  /// This many bytes, or those that came before the end.
  std::string receive(std::size_t bytes) {
    std::string all;
    while (all.size() < bytes) {
      std::string part(bytes - all.size(), '\0');
      const ssize_t got = recv(socket_.get(), part.data(), part.size(), 0);
      if (got <= 0) break;
      all += part.substr(0, static_cast<std::size_t>(got));
    }
    return all;
  }

  /// All until the peer closes.
  std::string rest() { return receive(std::size_t{1} << 20); }

  /// Whether nothing comes for a moment.
  bool is_silent() {
    wait_at_most({0, 50'000});
    char byte = 0;
    const bool silent = recv(socket_.get(), &byte, 1, MSG_PEEK) < 0;
    be_patient();
    return silent;
  }

  void end_sending() { shutdown(socket_.get(), SHUT_WR); }
};

class StreamFixture : public ListeningFixture {
 protected:
  StreamFixture() : ListeningFixture("input", Durability::synced) {}
  ~StreamFixture() override { stop(); }

  void start(MakeSession sessions, StreamInputConfig config = {.listen = "tcp://127.0.0.1:0"},
             const StreamLimits& limits = {}, towl::FileLayer* layer = nullptr) {
    start_ingest(layer);
    auto input = StreamInput::start(config, context_, std::move(sessions), limits);
    ASSERT_TRUE(input) << input.error().to_string();
    input_ = std::move(*input);
  }

  void stop() {
    if (input_) input_->stop();
    stop_ingest();
  }

  int port() const {
    const std::string address = input_->address();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }

  /// "SENDER TEXT" of each.
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& entry : entries()) all.push_back(entry.sender + " " + entry.log_entry);
    return all;
  }

  /// Reasons of what was rejected, once all is stopped.
  std::vector<std::string> rejected() {
    stop();
    std::vector<std::string> reasons;
    const auto store = towl::Store::open(folder_ / "store/rejected");
    if (!store) return reasons;
    for (const auto& entry : towl::test::read_all(*store)) {
      reasons.push_back(nlohmann::json::parse(entry.log_entry, nullptr, false).value("TOWL_REJECTED", ""));
    }
    return reasons;
  }

  std::unique_ptr<StreamInput> input_;
};

}  // namespace towld
