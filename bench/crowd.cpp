// Clients that are there and do little: connections that say nothing, and followers that read slowly.
//
//   crowd ADDRESS CONNECTIONS FOLLOWERS     until its standard input ends
//
// Connections come from 127.0.0.2, 127.0.0.3, … , a thousand of each, so that no peer has more than its share. Prints "ready" once
// all are there. Followers take a message a second.
#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "towl/v1/towl.grpc.pb.h"

namespace {

constexpr int kOfOneAddress = 1'000;
constexpr int kStreamsAConnection = 100;

/// -1 if it is refused.
int connect_from(const std::string& source, int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in end{};
  end.sin_family = AF_INET;
  inet_pton(AF_INET, source.c_str(), &end.sin_addr);
  bool good = fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&end), sizeof end) == 0;
  end.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  end.sin_port = htons(static_cast<std::uint16_t>(port));
  good = good && ::connect(fd, reinterpret_cast<const sockaddr*>(&end), sizeof end) == 0;
  // As an HTTP/2 client that then has nothing to ask: it is no handshake that hangs.
  const std::string preface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 33);
  good = good && ::send(fd, preface.data(), preface.size(), MSG_NOSIGNAL) > 0;
  if (good) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

struct Follower {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<towl::v1::PullResponse>> stream;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: crowd ADDRESS CONNECTIONS FOLLOWERS\n", stderr);
    return 2;
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const std::string address = argv[1];
  const int port = std::atoi(address.substr(address.rfind(':') + 1).c_str());
  std::vector<int> connections;
  int refused = 0;
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    const int fd = connect_from("127.0.0." + std::to_string(2 + i / kOfOneAddress), port);
    if (fd >= 0) connections.push_back(fd);
    refused += fd < 0 ? 1 : 0;
  }
  std::vector<std::unique_ptr<Follower>> followers;
  std::unique_ptr<towl::v1::Towl::Stub> stub;
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    if (i % kStreamsAConnection == 0) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      // Otherwise gRPC takes what nobody reads yet.
      arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
      stub = towl::v1::Towl::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
    }
    auto follower = std::make_unique<Follower>();
    towl::v1::PullRequest request;
    request.set_file_id(1);
    request.set_follow(true);
    follower->stream = stub->Pull(&follower->context, request);
    followers.push_back(std::move(follower));
  }
  std::printf("ready: %zu connections, %d refused, %zu followers\n", connections.size(), refused, followers.size());
  std::fflush(stdout);
  std::atomic<bool> ended = false;
  std::jthread reader([&] {
    while (!ended) {
      for (const auto& follower : followers) {
        towl::v1::PullResponse response;
        if (ended) break;
        (void)follower->stream->Read(&response);
        std::this_thread::sleep_for(std::chrono::microseconds(1'000'000 / (followers.size() + 1)));
      }
      if (followers.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  while (std::getchar() != EOF) continue;
  ended = true;
  for (const auto& follower : followers) follower->context.TryCancel();
  reader.join();
  for (const auto& follower : followers) {
    for (towl::v1::PullResponse response; follower->stream->Read(&response);) continue;
    (void)follower->stream->Finish();
  }
  for (const int fd : connections) ::close(fd);
  return 0;
}
