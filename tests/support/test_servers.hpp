// Real servers for tests, run with java: Kafka (one node, KRaft) and s3proxy, from scripts/install-test-servers.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "support/process.hpp"
#include "support/temp_folder.hpp"

namespace towl::test {

/// A port of the loopback that nobody listens on now.
inline int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

inline bool is_open(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool open = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return open;
}

/// The class path of a server; "" if it was not fetched.
inline std::string server_libraries(const std::string& server) {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  std::filesystem::path folder = variable("TOWL_TEST_SERVERS");
  if (folder.empty()) {
    const std::string cache = variable("XDG_CACHE_HOME");
    folder = std::filesystem::path(cache.empty() ? variable("HOME") + "/.cache" : cache) / "towl/test-servers";
  }
  const auto libraries = folder / server / "libs";
  std::error_code error;
  return std::filesystem::is_directory(libraries, error) ? (libraries / "*").string() : "";
}

inline constexpr const char* kNoServers = "needs java and the servers that scripts/install-test-servers fetches";

class KafkaServer {
 public:
  /// nullptr where it was not fetched.
  static std::unique_ptr<KafkaServer> start() {
    const std::string libraries = server_libraries("kafka");
    if (libraries.empty()) return nullptr;
    std::unique_ptr<KafkaServer> server(new KafkaServer(libraries));
    const auto formatted = run({"java", "-cp", libraries, "kafka.tools.StorageTool", "format", "-t",
                                "AAAAAAAAAAAAAAAAAAAAAQ", "-c", server->folder_ / "server.properties"});
    EXPECT_EQ(formatted.code, 0) << formatted.err << formatted.out;
    server->run_again();
    return server;
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void kill() {
    process_->signal(SIGKILL);
    process_->wait();
  }
  void run_again() {
    process_ =
        std::make_unique<Process>(std::vector<std::string>{"java", "-Xmx384m", "-XX:+UseSerialGC", "-cp", libraries_,
                                                           "kafka.Kafka", (folder_ / "server.properties").string()});
    EXPECT_TRUE(eventually([&] { return is_open(port_); }, std::chrono::seconds(120))) << process_->err();
  }

 private:
  explicit KafkaServer(std::string libraries) : libraries_(std::move(libraries)) {
    const std::string control = std::to_string(control_port_);
    std::ofstream(folder_ / "server.properties")
        << "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:" << control
        << "\nlisteners=PLAINTEXT://127.0.0.1:" << port_ << ",CONTROLLER://127.0.0.1:" << control
        << "\ncontroller.listener.names=CONTROLLER"
        << "\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
        << "\nlog.dirs=" << (folder_ / "logs").string()
        << "\noffsets.topic.replication.factor=1\noffsets.topic.num.partitions=3"
        << "\ntransaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1"
        << "\ntransaction.state.log.num.partitions=3\ngroup.initial.rebalance.delay.ms=0\nnum.partitions=2\n";
  }

  TempFolder folder_;
  std::string libraries_;
  int port_ = free_port();
  int control_port_ = free_port();
  std::unique_ptr<Process> process_;
};

class S3Server {
 public:
  static constexpr const char* kKey = "towl-key";
  static constexpr const char* kSecret = "towl-secret";

  /// nullptr where it was not fetched.
  static std::unique_ptr<S3Server> start() {
    const std::string libraries = server_libraries("s3proxy");
    if (libraries.empty()) return nullptr;
    std::unique_ptr<S3Server> server(new S3Server);
    std::filesystem::create_directory(server->folder_ / "objects");
    std::ofstream(server->folder_ / "logback.xml") << "<configuration><root level=\"ERROR\"/></configuration>\n";
    std::ofstream(server->folder_ / "s3.properties")
        << "s3proxy.authorization=aws-v2-or-v4\ns3proxy.endpoint=http://127.0.0.1:" << server->port_
        << "\ns3proxy.identity=" << kKey << "\ns3proxy.credential=" << kSecret
        << "\njclouds.provider=filesystem-nio2\njclouds.identity=local\njclouds.credential=local"
        << "\njclouds.filesystem.basedir=" << (server->folder_ / "objects").string() << "\n";
    server->process_ = std::make_unique<Process>(std::vector<std::string>{
        "java", "-Xmx256m", "-XX:+UseSerialGC",
        "-Dlogback.configurationFile=" + (server->folder_ / "logback.xml").string(), "-cp", libraries,
        "org.gaul.s3proxy.Main", "--properties", (server->folder_ / "s3.properties").string()});
    EXPECT_TRUE(eventually([&] { return is_open(server->port_); }, std::chrono::seconds(120)))
        << server->process_->err();
    return server;
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url() const { return "http://" + address(); }

 private:
  S3Server() = default;

  TempFolder folder_;
  int port_ = free_port();
  std::unique_ptr<Process> process_;
};

}  // namespace towl::test
