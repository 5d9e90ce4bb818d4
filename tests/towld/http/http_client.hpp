// HttpClient is a minimal client: it sends the bytes that a test wants, right or wrong, and reads answers.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace towl::test {

struct HttpAnswer {
  int status = 0;
  std::string head;
  std::string body;

  bool has(std::string_view header) const { return head.find(header) != std::string::npos; }
};

class HttpClient {
 public:
  /// `address` is 127.0.0.1:PORT.
  explicit HttpClient(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    const int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      ADD_FAILURE() << "cannot connect to " << address;
    }
  }
  HttpClient(HttpClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}
  HttpClient& operator=(HttpClient&&) = delete;
  ~HttpClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  int descriptor() const { return socket_; }

  /// False if the server is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void end_output() { ::shutdown(socket_, SHUT_WR); }

  /// Closes with a reset: nobody receives what the server still sends.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(socket_, -1));
  }

  /// The next answer; status 0 if the connection ends before. 100 Continue is an answer of its own.
  HttpAnswer read() {
    HttpAnswer answer;
    std::size_t head_end = 0;
    while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return answer;
    }
    answer.head = received_.substr(0, head_end + 2);
    received_.erase(0, head_end + 4);
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    constexpr std::string_view kLength = "Content-Length: ";
    const auto at = answer.head.find(kLength);
    if (at == std::string::npos || bodyless_) return answer;
    const std::size_t length = std::stoul(answer.head.substr(at + kLength.size()));
    while (received_.size() < length) {
      if (!receive()) return {};
    }
    answer.body = received_.substr(0, length);
    received_.erase(0, length);
    return answer;
  }

  /// The next `count` bytes of a body that has no length; fewer if the connection ends before.
  std::string rest(std::size_t count) {
    while (received_.size() < count && receive()) {
    }
    std::string bytes = received_.substr(0, count);
    received_.erase(0, count);
    return bytes;
  }

  /// The body without a length, up to and including `mark`; all of it if that does not come.
  std::string until(std::string_view mark) {
    while (received_.find(mark) == std::string::npos && receive()) {
    }
    const auto at = received_.find(mark);
    return rest(at == std::string::npos ? received_.size() : at + mark.size());
  }

  /// The next answers are to HEAD.
  void expect_no_bodies() { bodyless_ = true; }

  /// The server closes the connection, with nothing more to read.
  bool is_closed() {
    const bool more = receive();
    return !more && received_.empty() && ended_;
  }

  HttpAnswer ask(std::string_view request) {
    send(request);
    return read();
  }

  HttpAnswer get(const std::string& path) { return ask("GET " + path + " HTTP/1.1\r\nHost: towld\r\n\r\n"); }

  HttpAnswer post(const std::string& path, std::string_view body, const std::string& headers = "") {
    std::string request = "POST " + path + " HTTP/1.1\r\nHost: towld\r\n" + headers +
                          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    request += body;
    return ask(request);
  }

 private:
  /// False at the end, or after a long wait.
  bool receive() {
    pollfd ready{socket_, POLLIN, 0};
    if (::poll(&ready, 1, 20'000) <= 0) return false;
    char buffer[65536];
    const ssize_t bytes = ::recv(socket_, buffer, sizeof buffer, 0);
    if (bytes <= 0) {
      ended_ = true;
      return false;
    }
    received_.append(buffer, static_cast<std::size_t>(bytes));
    return true;
  }

  int socket_;
  std::string received_;
  bool ended_ = false;
  bool bodyless_ = false;
};

}  // namespace towl::test
