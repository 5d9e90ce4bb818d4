// A syslog input with a store of its own, and clients to send to it.
#pragma once

#include <cerrno>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "inputs/syslog/syslog_input.hpp"
#include "towld/inputs/stream/listening_fixture.hpp"

namespace towld {

class SyslogClient : public SocketClient {
 public:
  using SocketClient::SocketClient;

  bool send_datagram(std::string_view bytes) {
    return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  /// Waits until the peer has closed.
  bool is_closed() {
    char byte = 0;
    const ssize_t got = recv(socket_.get(), &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }

  void close() { socket_ = Descriptor(); }
  int descriptor() const { return socket_.get(); }
};

class SyslogFixture : public ListeningFixture {
 protected:
  SyslogFixture() : ListeningFixture("syslog", Durability::written) {}
  ~SyslogFixture() override { stop(); }

  /// `layer`: of the store.
  void start(SyslogInputConfig config, const StreamLimits& limits = {}, towl::FileLayer* layer = nullptr) {
    start_ingest(layer);
    if (config.time_zone.empty()) config.time_zone = "UTC";
    auto input = SyslogInput::start(config, context_, limits);
    ASSERT_TRUE(input) << input.error().to_string();
    input_ = std::move(*input);
  }
  void start(const std::string& listen, const StreamLimits& limits = {}) {
    start(SyslogInputConfig{.listen = listen}, limits);
  }

  void stop() {
    if (input_) input_->stop();
    stop_ingest();
  }

  int port() const {
    const std::string address = input_->addresses().front();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }

  /// One of the input's counts, by its name.
  std::uint64_t count(std::string_view name) const {
    for (const auto& [known, count] : input_->status().counts) {
      if (known == name) return count;
    }
    ADD_FAILURE() << "no " << name;
    return 0;
  }

  /// All that is stored, as the JSON objects that they are.
  std::vector<nlohmann::json> stored() const {
    std::vector<nlohmann::json> objects;
    for (const auto& entry : entries()) {
      objects.push_back(nlohmann::json::parse(entry.log_entry, nullptr, false));
      objects.back()["sender"] = entry.sender;
    }
    return objects;
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& entry : stored()) {
      all.push_back(entry["MESSAGE"].is_string() ? entry["MESSAGE"].get<std::string>() : entry["MESSAGE"].dump());
    }
    return all;
  }

  std::unique_ptr<SyslogInput> input_;
};

}  // namespace towld
