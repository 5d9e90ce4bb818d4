// HttpClient sends HTTP requests, one at a time, over a connection that it keeps.
//
// Waiting:   start() and step() do not wait; wait() does, for the network or for a descriptor of the caller's, so that
//            a thread that waits for an answer can still be told to stop. run() waits for the answer.
// Safety:    certificates are verified unless `skip_verify` is set; redirects are not followed, because the request's
//            credentials would follow them; an answer larger than the limit is an error.
// Proxies:   as curl(1): https_proxy, no_proxy and so on.
// Ownership: owns the connection and the request in flight.
// Threads:   one at a time; many clients may be used at once.
// Errors:    io (no connection, cut, too slow, certificate refused); closed: the caller gave the request up. A status of
//            400 and above is not an error here.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "towl/result.hpp"
#include "towl/web/url.hpp"

namespace towl::web {

/// A name and a value. Characters that would end a header are replaced by '?'.
using Header = std::pair<std::string, std::string>;

struct Request {
  std::string method = "GET";
  std::string url = {};  ///< http:// or https://, encoded for sending.
  std::vector<Header> headers = {};
  std::string body = {};
  /// Sign with AWS' signature version 4, e.g. "aws:amz:us-east-1:s3", with the client's user and password as key and
  /// secret; empty: do not sign. The caller sets the header x-amz-content-sha256.
  std::string signature = {};
  /// Gets the body of an answer of 200 as it comes: it may have no end, and is not kept. First an empty text, when the
  /// answer begins, then pieces of any size. False gives the request up (`closed`). Empty: the answer has the body.
  std::function<bool(std::string_view)> take = {};
};

struct Response {
  long status = 0;
  std::vector<Header> headers = {};  ///< Names in lower case.
  std::string body = {};

  /// The first value of that name, in lower case; "" if there is none. Valid as long as this object.
  std::string_view header(std::string_view name) const;
};

/// Whom to trust, and how to prove who we are. Paths of PEM files.
struct ClientSecurity {
  std::string ca = {};    ///< CAs that the server's certificate may be signed by; empty: the system's.
  std::string cert = {};  ///< The client's own certificate, and its key.
  std::string key = {};
  bool skip_verify = false;  ///< Take any certificate: anyone in between can read and change everything.
  std::string user = {};     ///< For basic authentication, or a signature; empty: neither.
  std::string password = {};
};

struct ClientLimits {
  std::chrono::milliseconds connect_time = std::chrono::seconds(10);
  std::chrono::seconds stall_time = std::chrono::seconds(30);  ///< This long without a byte, either way.
  std::chrono::milliseconds whole_time = std::chrono::minutes(5);
  std::size_t max_answer_bytes = std::size_t{8} << 20;
};

class HttpClient {
 public:
  HttpClient(const ClientSecurity& security, const ClientLimits& limits);
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  /// Begins a request; one in flight is given up.
  Result<void> start(Request request);

  /// A request was started, and step() has not returned its answer yet.
  bool is_busy() const;

  /// Sends and receives what is possible now. Returns the answer once it is there; nullopt: see wait().
  Result<std::optional<Response>> step();

  /// Waits until step() has something to do, `fd` (-1: none) can be read, or the time is over.
  void wait(int fd, std::chrono::milliseconds at_most);

  /// Gives up the request in flight, and its connection.
  void cancel();

  /// Sends, and waits for the answer. `is_stopped` is called at least four times a second: true gives `closed`.
  Result<Response> run(Request request, const std::function<bool()>& is_stopped = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A part of a path or query as RFC 3986 wants it: %XX for all but letters, digits, -._~ and the characters in `keep`.
std::string percent_encode(std::string_view text, std::string_view keep = "");

}  // namespace towl::web
