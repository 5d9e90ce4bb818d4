// HttpSide is the collector's HTTP server with all its paths.
//
//     POST                               the paths of inputs, see endpoint()
//     GET  /                             the page
//     GET  /healthz, /readyz, /metrics
//     GET  /files, /files/ID, /query, /entry, /tail
//
// Threads: the server's; one that reads the disk for listings and metrics; query.threads for queries, of gRPC as well.
#pragma once

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/input_config.hpp"
#include "http/http_server.hpp"
#include "http_api/query.hpp"
#include "ingest/ingest.hpp"
#include "inputs/http/http_endpoint.hpp"
#include "log/spdlog.hpp"
#include "metrics/metric_sources.hpp"
#include "queries/query_limits.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/result.hpp"

namespace towld {

struct HttpSideConfig {
  std::string address;
  /// Inputs that will be there in a moment: until then clients are told to come again.
  std::vector<InputConfig> inputs = {};
  HttpLimits limits = {};
  QueryLimits query_limits = {};
  std::size_t max_queries = kMaxHttpQueries;  ///< That wait or run.
  std::shared_ptr<LimitCounts> reached = std::make_shared<LimitCounts>();
  HttpStreamFactory make_stream = {};  ///< For TLS.
  /// What /metrics has in addition to what the HTTP side knows: inputs, pulls, …; called on its threads until stop().
  std::vector<Metrics::Source> metrics = {};
  HttpGuard guard = {};
  /// Answers queries; if not given, the side has one of its own, of QueryConfig().threads. To be joined before the
  /// side is gone.
  std::shared_ptr<boost::asio::thread_pool> query_pool = {};
};

class HttpSide {
 public:
  /// Listens. Borrows the ingest, which must outlive it. Errors: those of HttpServer::listen.
  static towl::Result<std::unique_ptr<HttpSide>> start(HttpSideConfig config, Ingest& ingest,
                                                       std::shared_ptr<spdlog::logger> log);

  /// For start() alone.
  class Private {
    friend class HttpSide;
    Private() = default;
  };
  HttpSide(Private, Ingest& ingest, const HttpSideConfig& config);
  HttpSide(const HttpSide&) = delete;
  HttpSide& operator=(const HttpSide&) = delete;
  ~HttpSide();

  /// Where inputs take what is posted.
  const std::shared_ptr<HttpEndpoint>& endpoint() const { return endpoint_; }

  const HttpServer& server() const { return *server_; }

  /// HOST:PORT.
  const std::string& address() const { return server_->address(); }

  /// Not ready from here on; requests are still answered until stop().
  void begin_stop() { stopping_ = true; }

  /// Answers what is in work, at most for `patience`, and ends. To be called before the inputs and Ingest are
  /// stopped, so that clients that wait for an answer get it. Can be called again.
  void stop(std::chrono::milliseconds patience);

 private:
  void add_input_paths(const std::vector<InputConfig>& inputs);
  void add_routes(HttpSideConfig& config);
  std::optional<std::string> not_ready() const;

  Ingest& ingest_;
  const towl::Catalog catalog_;
  const QueryLimits limits_;
  std::atomic<bool> stopping_ = false;
  Metrics metrics_;
  std::shared_ptr<HttpRoutes> routes_ = std::make_shared<HttpRoutes>();
  std::shared_ptr<HttpLoop> loop_ = HttpLoop::start();
  std::shared_ptr<HttpEndpoint> endpoint_;
  boost::asio::thread_pool pool_{1};
  const bool owns_query_pool_;
  const std::shared_ptr<boost::asio::thread_pool> query_pool_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace towld
