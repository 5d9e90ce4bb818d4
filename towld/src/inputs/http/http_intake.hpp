// HttpIntake takes the requests of one path: unpacks them, has the protocol read their entries, and answers once these
// are stored.
//
// Small requests: those with one entry that arrive about the same time share a batch, so that the writer is woken once
//                 for all of them. Each is answered when the batch is stored.
// Bad entries:    an entry that cannot be read is stored as it came, and marked; with ?strict=1, or if none of a
//                 request's entries can be read, nothing of the request is stored.
// Parts:          of what may be of any length (an upload of a whole journal), entries are stored as they arrive, and all is
//                 answered in the end; what was stored before it failed stays.
// Backpressure:   while the writer's queue is full, the server reads no bodies (has_room).
// Threads:        the server's. Held by std::shared_ptr: answers may come when its input is gone.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "http/http_loop.hpp"
#include "http/http_message.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/http/http_protocol.hpp"
#include "limits/limits.hpp"

namespace towld {

class HttpIntake final : public HttpHandler, public std::enable_shared_from_this<HttpIntake> {
 public:
  HttpIntake(InputContext context, std::unique_ptr<HttpProtocol> protocol, std::shared_ptr<HttpLoop> loop,
             const HttpLimits& limits);

  bool has_room() override { return room_; }
  void on_room(std::function<void()> listener) override { room_listener_ = std::move(listener); }
  std::size_t part_bytes(const HttpRequest& request) override;
  void take_part(HttpRequest& request) override;
  void handle(HttpRequest& request, HttpResponder respond) override;

  /// Takes nothing more, and submits what it has. On the loop's thread.
  void stop();

 private:
  /// A request whose entries wait to be stored.
  struct Waiting {
    HttpResponder respond;
    HttpCounts counts;
  };
  using AllWaiting = std::shared_ptr<std::vector<Waiting>>;

  /// Of a request that comes in parts.
  struct Parts {
    std::shared_ptr<BatchStream> stream = std::make_shared<BatchStream>();
    std::optional<towl::Error> error = {};  ///< The rest is not read.
  };

  bool take_one(HttpRequest& request, HttpResponder& respond);
  void take_many(HttpRequest& request, HttpResponder& respond);
  void reject(std::uint64_t entries, std::string_view peer, const towl::Error& error);
  void keep_rejected(const HttpRequest& request, const std::string& reason);
  void flush();
  void submit(Batch batch, AllWaiting waiting);
  void room_again();

  Ingest& ingest_;
  std::shared_ptr<InputCounters> counters_;
  std::shared_ptr<const HttpProtocol> answers_;  // the same protocol, held by answers
  HttpProtocol& protocol_;
  std::shared_ptr<HttpLoop> loop_;
  const std::shared_ptr<spdlog::logger> log_;
  const HttpLimits limits_;
  Gatherer singles_;              // requests with one entry
  Gatherer many_;                 // one request's entries
  std::vector<Waiting> waiting_;  // for the entries in singles_
  bool flush_posted_ = false;
  bool room_ = true;
  bool stopped_ = false;
  std::function<void()> room_listener_;
};

}  // namespace towld
