// What is asked and answered over HTTP, and who answers: a handler for each path.
//
// Ownership: a request belongs to its connection and is gone when the handler returns; a handler may move its body
//            out. A responder may be kept, and used once, later, from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace towld {

class Grant;
class HttpLoop;
class HttpSession;

enum class HttpMethod { get, head, post, put, delete_, options, other };

/// "GET"; "" for `other`.
std::string_view name_of(HttpMethod method);

/// Names of headers, schemes and hosts are the same in any case (RFC 9110, 5.1, 11.1 and 4.2.3).
bool same_name(std::string_view a, std::string_view b);

struct HttpRequest {
  HttpMethod method = HttpMethod::other;
  std::string path;   ///< With its %-escapes, without the query.
  std::string query;  ///< What followed the `?`, with its escapes.
  std::string body;
  std::string peer;  ///< The address that the connection comes from, without its port.
  /// What its sender may do; nullptr if nobody asks.
  std::shared_ptr<const Grant> grant = {};
  /// Stopped once the client is gone, for handlers that end with their clients.
  std::stop_token gone = {};
  std::shared_ptr<void> parts = {};  ///< What its handler keeps of the earlier parts of the body.

  /// The value of the first header with this name, in any case; "" if there is none.
  std::string_view header(std::string_view name) const;

  void add_header(std::string_view name, std::string_view value);

  /// Forgets all but the peer, and keeps the memory for the next request.
  void clear();

 private:
  struct Header {
    std::size_t begin;
    std::size_t name_bytes;
    std::size_t value_bytes;
  };
  std::string header_text_;
  std::vector<Header> headers_;
};

struct HttpResponse {
  unsigned status = 200;
  std::string body = {};
  std::string_view content_type = "application/json";  ///< Of static storage.
  std::optional<unsigned> retry_after_s = {};
  std::string allow = {};                                              ///< With 405: the methods that there are.
  std::vector<std::pair<std::string_view, std::string>> headers = {};  ///< Others; names of static storage.
  bool close = false;                                                  ///< The connection, after this.
};

/// {"error":"…"}
HttpResponse http_error(unsigned status, std::string_view message);

/// The same, to be tried again soon: 503, or 429.
HttpResponse http_busy(std::string_view message, unsigned status = 503);

/// The standard's words for a status code.
std::string_view reason_of(unsigned status);

/// What the sender of a body hears; on the server's thread.
enum class HttpBodyEvent {
  taken,  ///< All that was written is on its way: more may be written.
  idle,   ///< Nothing was written for a while (HttpLimits::heartbeat_time): something should be.
};
using HttpBodyListener = std::function<void(HttpBodyEvent)>;

/// Answers one request. Copyable; the first answer counts. If all copies are gone without one, nothing is answered
/// until the connection is closed by its time-out.
class HttpResponder {
 public:
  HttpResponder(std::shared_ptr<HttpLoop> loop, std::weak_ptr<HttpSession> session, std::uint64_t number);

  /// For a request that came by another way: `answer` is called on the loop's thread, each time.
  HttpResponder(std::shared_ptr<HttpLoop> loop, std::function<void(HttpResponse)> answer);

  /// Any thread. Does nothing if the connection is gone.
  void operator()(HttpResponse response) const;

  /// Answers with a body that is written bit by bit, and ends with the connection. `head`: all but the body. `listener`
  /// first hears `taken`, and is held until the connection is over.
  void begin(HttpResponse head, HttpBodyListener listener) const;

  /// More of that body; to be called once all before it was `taken`.
  void write(std::string bytes) const;

  /// The body's end.
  void end() const;

 private:
  void post(std::function<void(HttpSession&)> work) const;

  std::shared_ptr<HttpLoop> loop_;
  std::weak_ptr<HttpSession> session_;
  std::uint64_t number_ = 0;
  std::function<void(HttpResponse)> answer_ = {};
};

/// What answers a path. All calls come on the server's one thread and must not block.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  /// Asked before a request's body is read and before it is handled. If it is false, the connection waits.
  virtual bool has_room() { return true; }

  /// Called once, before the server starts: `listener` is to be called on the server's thread whenever there is room
  /// again.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): those that have room to tell of keep it.
  virtual void on_room(std::function<void()> /*listener*/) {}

  /// Requests whose client is gone need no answer: HttpRequest::gone is stopped. A client that closes its side of the
  /// connection before it has the answer is gone, too.
  virtual bool ends_with_client() const { return false; }

  /// A body that may be larger than others is handed over in parts of about so many bytes; 0: it comes whole.
  virtual std::size_t part_bytes(const HttpRequest& request) {
    static_cast<void>(request);
    return 0;
  }

  /// Takes what it can off the front of the body; more will come. What is wrong is answered by handle(), which is
  /// given the rest.
  virtual void take_part(HttpRequest& request) { static_cast<void>(request); }

  virtual void handle(HttpRequest& request, HttpResponder respond) = 0;
};

/// A handler that answers at once.
class HttpFunction final : public HttpHandler {
 public:
  explicit HttpFunction(std::function<HttpResponse(const HttpRequest&)> answer) : answer_(std::move(answer)) {}
  void handle(HttpRequest& request, HttpResponder respond) override { respond(answer_(request)); }

 private:
  std::function<HttpResponse(const HttpRequest&)> answer_;
};

}  // namespace towld
