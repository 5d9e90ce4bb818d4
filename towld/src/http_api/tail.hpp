// GET /tail: entries as they become durable, as server-sent events (WHATWG HTML, 9.2).
//
//     query=EXPR, level=, sender=, q=, regex=     as of /query, without pipes
//     after=UUID/ORDINAL                          begins after that entry; the header Last-Event-ID counts before it
//
//     id: UUID/ORDINAL
//     data: {"file_uuid":…,"file_id":…,"ordinal":…,"sender":…,…}
//
// Without `after` it begins with the next entry. A client that is cut off, by a restart of the collector too, names the
// last ID that it has (browsers do so by themselves), and the events go on after it: none is missing, none comes twice.
// An ID is sent while nothing matches, too, with `data` empty: that is no event, but the place to go on from. What cannot
// be read is an event `unread`; that entries were removed before they were sent, an event `removed`.
//
// Threads: the server's; the pool's, one round of a tail at a time.
// Bounded: kMaxTails, kMaxTailsOfAPeer; a tail whose client takes nothing holds kQueryAheadBytes and a little more until
//          HttpLimits::write_time is over, and then ends.
#pragma once

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "http/http_message.hpp"
#include "queries/query_limits.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/mirror/store_state.hpp"

namespace towld {

/// How many tails there are, in all and of each peer.
class TailCount {
 public:
  bool add(const std::string& peer);
  void remove(const std::string& peer);

 private:
  std::mutex mutex_;
  std::size_t count_ = 0;
  std::map<std::string, std::size_t> of_peer_;
};

class TailHandler final : public HttpHandler {
 public:
  /// `catalog_of`: what the sender of a request may see. Borrows the rest, which must outlive the server's loop and the
  /// pool's threads.
  using CatalogOf = std::function<towl::Catalog(const HttpRequest&)>;
  TailHandler(CatalogOf catalog_of, towl::StoreStatePublisher& state, boost::asio::thread_pool& pool,
              const QueryLimits& limits)
      : catalog_of_(std::move(catalog_of)), state_(state), pool_(pool), limits_(limits) {}

  void handle(HttpRequest& request, HttpResponder respond) override;
  bool ends_with_client() const override { return true; }

 private:
  const CatalogOf catalog_of_;
  towl::StoreStatePublisher& state_;
  boost::asio::thread_pool& pool_;
  const QueryLimits limits_;
  const std::shared_ptr<TailCount> count_ = std::make_shared<TailCount>();
};

}  // namespace towld
