// HttpIntake takes the requests of one path: unpacks them, has the protocol read their entries, and answers once these
// are stored.
//
// Small requests: those with one entry that arrive about the same time share a batch, so that the writer is woken once
//                 for all of them. Each is answered when the batch is stored.
// Bad entries:    an entry that cannot be read is stored as it came, and marked; with ?strict=1, or if none of a
//                 request's entries can be read, nothing of the request is stored.
// Parts:          of what may be of any length (an upload of a whole journal), entries are stored as they arrive, and
//                 all is answered in the end; what was stored before it failed stays.
// Large bodies:   are unpacked and read on the endpoint's reader, so that the loop's other connections do not wait. Not
//                 those in parts: a part is small, and the last one must come after the others.
// Backpressure:   while the writer's queue is full, the server reads no bodies (has_room), and the reader none either.
// Threads:        the server's, and the endpoint's reader. Held by std::shared_ptr: answers may come after its input is
//                 gone.
#pragma once

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "http/http_loop.hpp"
#include "http/http_message.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/http/http_protocol.hpp"
#include "limits/configured.hpp"

namespace towld {

class HttpIntake final : public HttpHandler, public std::enable_shared_from_this<HttpIntake> {
 public:
  /// Borrows the reader, which must outlive the loop.
  HttpIntake(InputContext context, std::unique_ptr<HttpProtocol> protocol, std::shared_ptr<HttpLoop> loop,
             const HttpLimits& limits, std::shared_ptr<LimitCounts> reached, boost::asio::thread_pool& reader);

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
  /// What reads requests of many entries: of one thread.
  struct Reading {
    Gatherer gatherer;
    std::shared_ptr<HttpProtocol> protocol;
  };

  /// Of a request that comes in parts. Of the loop.
  struct Parts {
    std::shared_ptr<BatchStream> stream = std::make_shared<BatchStream>();
    std::optional<towl::Error> error = {};  ///< The rest is not read.
  };

  bool is_large(const HttpRequest& request) const;
  bool unpack_body(HttpRequest& request, HttpResponder& respond);
  bool take_one(HttpRequest& request, HttpResponder& respond);
  void take_many(Reading& reading, HttpRequest& request, HttpResponder& respond);
  void take_large(HttpRequest& request, HttpResponder respond);
  bool wait_for_room(std::chrono::steady_clock::time_point until);
  void count_too_much(const HttpEntries& entries, const towl::Error& error);
  void reject(std::uint64_t entries, std::string_view peer, const towl::Error& error);
  void keep_rejected(const HttpRequest& request, const std::string& reason);
  void flush();
  void submit(Batch batch, AllWaiting waiting);
  void ask_room();
  void room_again();

  Ingest& ingest_;
  std::shared_ptr<InputCounters> counters_;
  const std::shared_ptr<HttpProtocol> protocol_;  // of the loop; held by answers too
  std::shared_ptr<HttpLoop> loop_;
  const std::shared_ptr<spdlog::logger> log_;
  const HttpLimits limits_;
  const std::shared_ptr<LimitCounts> reached_;
  boost::asio::thread_pool& reader_;
  Gatherer singles_;              // requests with one entry
  Reading many_;                  // one request's entries
  Reading large_;                 // of the reader's thread
  std::vector<Waiting> waiting_;  // for the entries in singles_
  bool flush_posted_ = false;
  bool room_ = true;
  std::atomic<bool> stopped_ = false;  // set by the loop
  std::function<void()> room_listener_;
};

}  // namespace towld
