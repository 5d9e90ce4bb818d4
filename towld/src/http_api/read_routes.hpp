// The paths that show what a store has: /files, /query, /entry, /tail. For a collector, or to show a mirror.
#pragma once

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>

#include "http/http_routes.hpp"
#include "limits/limits.hpp"
#include "queries/query_limits.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/mirror/store_state.hpp"

namespace towld {

/// What they need; borrowed, and to outlive the server and the pools' threads.
struct ReadParts {
  const towl::Catalog& catalog;
  towl::StoreStatePublisher& state;  ///< Of the same store.
  boost::asio::thread_pool& pool;    ///< For listings.
  boost::asio::thread_pool& query_pool;
  QueryLimits limits = {};
  std::size_t max_queries = kMaxHttpQueries;  ///< Requests that wait or run, of each path.
  std::function<void()> full = {};            ///< Called for each request above that.
};

/// Each shows what the sender's grant allows.
void add_read_routes(HttpRoutes& routes, const ReadParts& parts);

}  // namespace towld
