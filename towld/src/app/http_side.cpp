#include "app/http_side.hpp"

#include <algorithm>

#include "app/part_tables.hpp"
#include "http/health.hpp"
#include "http/http_pool_handler.hpp"
#include "http_api/read_routes.hpp"
#include "limits/limits.hpp"
#include "page/page.hpp"

namespace towld {
HttpSide::HttpSide(Private, Ingest& ingest, const HttpSideConfig& config)
    : ingest_(ingest),
      catalog_(ingest.reader(), ingest.state()),
      limits_(config.query_limits),
      endpoint_(std::make_shared<HttpEndpoint>(loop_, config.limits, config.reached)),
      owns_query_pool_(config.query_pool == nullptr),
      query_pool_(config.query_pool ? config.query_pool
                                    : std::make_shared<boost::asio::thread_pool>(QueryConfig().threads)) {}

HttpSide::~HttpSide() { stop(std::chrono::milliseconds(0)); }

towl::Result<std::unique_ptr<HttpSide>> HttpSide::start(HttpSideConfig config, Ingest& ingest,
                                                        std::shared_ptr<spdlog::logger> log) {
  auto side = std::make_unique<HttpSide>(Private{}, ingest, config);
  HttpParts parts{.routes = side->routes_,
                  .loop = side->loop_,
                  .log = std::move(log),
                  .limits = config.limits,
                  .make_stream = std::move(config.make_stream),
                  .guard = std::move(config.guard),
                  .reached = config.reached};
  side->add_input_paths(config.inputs);
  config.metrics.push_back(http_metrics(parts.routes, parts.counters));
  side->add_routes(config);
  auto server = HttpServer::listen(config.address, std::move(parts));
  if (!server) return towl::fail(std::move(server.error()));
  side->server_ = std::move(*server);
  return side;
}

void HttpSide::add_input_paths(const std::vector<InputConfig>& inputs) {
  for (const InputType* type : input_types()) {
    const bool expected =
        std::any_of(inputs.begin(), inputs.end(), [&](const InputConfig& input) { return input.type == type->name; });
    for (const InputPath& one : type->paths) endpoint_->add(*routes_, one.path, expected, one.is_asked);
  }
}

void HttpSide::add_routes(HttpSideConfig& config) {
  for (Metrics::Source& source : config.metrics) metrics_.add(std::move(source));
  metrics_.add(ingest_metrics(ingest_));
  metrics_.add(store_metrics(catalog_));
  metrics_.add(process_metrics());
  const auto get = [&](const char* path, std::shared_ptr<HttpHandler> handler, std::optional<Need> need = Need::read) {
    routes_->add(path, {HttpMethod::get}, std::move(handler), need);
  };
  const auto full = [reached = config.reached] { reached->add(Limit::queries); };
  // The page itself says nothing of the entries: to see these, its reader still needs what they need.
  get("/", std::make_shared<HttpFunction>(page), std::nullopt);
  get("/healthz", health_handler(), std::nullopt);
  get("/readyz", readiness_handler([this] { return not_ready(); }), std::nullopt);
  get("/metrics",
      std::make_shared<HttpPoolHandler>(
          pool_,
          [this](const HttpRequest&) {
            return HttpResponse{.body = metrics_.text(), .content_type = kMetricsContentType};
          },
          config.max_queries, full),
      Need::whole);
  add_read_routes(*routes_, {.catalog = catalog_,
                             .state = ingest_.state(),
                             .pool = pool_,
                             .query_pool = *query_pool_,
                             .limits = limits_,
                             .max_queries = config.max_queries,
                             .full = full});
}

std::optional<std::string> HttpSide::not_ready() const {
  if (stopping_) return "the collector is stopping";
  const std::int64_t failed = ingest_.counters().last_failure_ns;
  if (failed != 0 && towl::now() - failed < kFailureCountsNs) return "entries cannot be stored; the log says why";
  if (ingest_.queued_bytes() >= ingest_.max_queued_bytes()) return "the queue is full";
  return std::nullopt;
}

void HttpSide::stop(std::chrono::milliseconds patience) {
  stopping_ = true;
  if (server_) server_->stop(patience);
  loop_->stop();
  pool_.join();
  if (owns_query_pool_) query_pool_->join();
}

}  // namespace towld
