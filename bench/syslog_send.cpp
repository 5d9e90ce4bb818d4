// A syslog client: sends RFC 3164 messages of about 120 bytes over one TCP connection as fast as they are taken.
//
//   syslog_send HOST PORT MESSAGES
//
// Ends its side when all are sent and waits until the server, having read all, ends its own. Prints the seconds that
// this took and the processor seconds that the client spent itself.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

/// About 64 KiB a call.
constexpr int kMessagesAtOnce = 512;

std::string make_messages(int count) {
  std::string messages;
  for (int i = 0; i < count; ++i) {
    messages += "<30>Nov 21 09:58:00 web-" + std::to_string(i % 7) + " nginx[" + std::to_string(1000 + i % 13) +
                "]: request " + std::to_string(i) + " from 10.0.0.7 took " + std::to_string(i % 97) +
                " ms: GET /index.html 200 OK, 5121 bytes\n";
  }
  return messages;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

double own_cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: syslog_send HOST PORT MESSAGES\n", stderr);
    return 2;
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(argv[2], nullptr, 10)));
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 ||
      connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    std::perror("syslog_send: cannot connect");
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  const std::string block = make_messages(kMessagesAtOnce);
  long left = std::strtol(argv[3], nullptr, 10);
  for (; left >= kMessagesAtOnce; left -= kMessagesAtOnce) {
    if (!send_all(fd, block)) break;
  }
  if (left >= kMessagesAtOnce || !send_all(fd, make_messages(static_cast<int>(left)))) {
    std::perror("syslog_send: cannot send");
    return 2;
  }
  shutdown(fd, SHUT_WR);
  char byte = 0;
  while (recv(fd, &byte, 1, 0) > 0) continue;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%.3f %.3f\n", took.count(), own_cpu_s());
  close(fd);
}
