// StandInServer is an HTTP/1.1 server for tests: it gives each request to a function, which answers it. It is strict: a
// request must have a length, and its body is unpacked if it says that it is packed.
//
// Threads: one per connection; the function is called by one at a time.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "support/loopback_listener.hpp"

namespace towl::test {

struct StandInRequest {
  std::string method;
  std::string target;                          // path and query
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct StandInAnswer {
  int status = 200;
  std::string body = {};
  std::string headers = {};  // whole lines
  bool cut = false;          // the connection, instead of an answer
};

class StandInServer {
 public:
  using Handler = std::function<StandInAnswer(const StandInRequest&)>;

  /// With `certificate` and `key`, PEM files, it speaks TLS.
  explicit StandInServer(Handler handler, const std::string& certificate = "", const std::string& key = "",
                         const std::string& client_ca = "")
      : handler_(std::move(handler)), tls_(tls_of(certificate, key, client_ca)) {}
  StandInServer(const StandInServer&) = delete;
  StandInServer& operator=(const StandInServer&) = delete;

  const std::string& address() const { return listener_.address(); }
  std::string url() const { return (tls_ ? "https://" : "http://") + address(); }

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  using Context = std::unique_ptr<SSL_CTX, FreeContext>;
  static Context tls_of(const std::string& certificate, const std::string& key, const std::string& client_ca) {
    if (certificate.empty()) return {};
    Context tls(SSL_CTX_new(TLS_server_method()));
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(tls.get(), certificate.c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(tls.get(), key.c_str(), SSL_FILETYPE_PEM), 1);
    if (!client_ca.empty()) {
      EXPECT_EQ(SSL_CTX_load_verify_locations(tls.get(), client_ca.c_str(), nullptr), 1);
      SSL_CTX_set_verify(tls.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    return tls;
  }

  struct Stream {
    int fd;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
    std::string rest = {};

    long read(char* to, std::size_t size) {
      return ssl ? SSL_read(ssl.get(), to, static_cast<int>(size)) : ::recv(fd, to, size, 0);
    }
    void write(const std::string& text) {
      for (std::size_t sent = 0; sent < text.size();) {
        const std::size_t left = text.size() - sent;
        const long n = ssl ? SSL_write(ssl.get(), text.data() + sent, static_cast<int>(left))
                           : ::send(fd, text.data() + sent, left, MSG_NOSIGNAL);
        if (n <= 0) return;
        sent += static_cast<std::size_t>(n);
      }
    }
  };

  bool wait(const Stream& stream) const {
    while (!listener_.stopping()) {
      if (stream.ssl && SSL_pending(stream.ssl.get()) > 0) return true;
      pollfd polled = {stream.fd, POLLIN, 0};
      if (::poll(&polled, 1, 20) > 0) return true;
    }
    return false;
  }

  bool fill(Stream& stream) const {
    char buffer[65536];
    if (!wait(stream)) return false;
    const long n = stream.read(buffer, sizeof buffer);
    if (n > 0) stream.rest.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }

  void serve(int fd) {
    Stream stream{fd};
    bool good = true;
    if (tls_) {
      stream.ssl.reset(SSL_new(tls_.get()));
      SSL_set_fd(stream.ssl.get(), fd);
      good = SSL_accept(stream.ssl.get()) == 1;
    }
    StandInRequest request;
    while (good && read(stream, request)) {
      StandInAnswer answer;
      {
        std::lock_guard lock(mutex_);
        answer = handler_(request);
      }
      if (answer.cut) break;
      if (answer.headers.find("Content-Length:") == std::string::npos) {
        answer.headers += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
      }
      stream.write("HTTP/1.1 " + std::to_string(answer.status) + " As told\r\n" + answer.headers + "\r\n" +
                   (request.method == "HEAD" ? "" : answer.body));
    }
    stream.ssl.reset();
    ::close(fd);
  }

  bool read(Stream& stream, StandInRequest& request) const {
    request = {};
    std::size_t end = 0;
    while ((end = stream.rest.find("\r\n\r\n")) == std::string::npos) {
      if (!fill(stream)) return false;
    }
    std::string head = stream.rest.substr(0, end + 2);
    stream.rest.erase(0, end + 4);
    const auto first = head.find("\r\n");
    const auto blank = head.find(' ');
    request.method = head.substr(0, blank);
    request.target = head.substr(blank + 1, head.rfind(' ', first) - blank - 1);
    for (std::size_t at = first + 2; at < head.size();) {
      const auto line_end = head.find("\r\n", at);
      const auto colon = head.find(':', at);
      std::string name = head.substr(at, colon - at);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      request.headers[name] = head.substr(head.find_first_not_of(' ', colon + 1),
                                          line_end - std::min(line_end, head.find_first_not_of(' ', colon + 1)));
      at = line_end + 2;
    }
    const auto length = request.headers.find("content-length");
    const std::size_t size = length == request.headers.end() ? 0 : std::stoull(length->second);
    while (stream.rest.size() < size) {
      if (!fill(stream)) return false;
    }
    request.body = stream.rest.substr(0, size);
    stream.rest.erase(0, size);
    if (request.headers["content-encoding"] == "gzip") request.body = unpacked(request.body);
    return true;
  }

  static std::string unpacked(std::string text) {
    z_stream unpack{};
    EXPECT_EQ(inflateInit2(&unpack, 15 + 16), Z_OK);
    std::string all(std::size_t{64} << 20, '\0');
    unpack.next_in = reinterpret_cast<Bytef*>(text.data());
    unpack.avail_in = static_cast<uInt>(text.size());
    unpack.next_out = reinterpret_cast<Bytef*>(all.data());
    unpack.avail_out = static_cast<uInt>(all.size());
    EXPECT_EQ(inflate(&unpack, Z_FINISH), Z_STREAM_END);
    all.resize(unpack.total_out);
    inflateEnd(&unpack);
    return all;
  }

  const Handler handler_;
  const Context tls_;
  std::mutex mutex_;
  LoopbackListener listener_{[this](int fd) { serve(fd); }};  // the last: it serves from its beginning
};

}  // namespace towl::test
