#include "app/http_front.hpp"

#include <nlohmann/json.hpp>

#include "http/health.hpp"
#include "http/http_pool_handler.hpp"
#include "metrics/metric_sources.hpp"

namespace towld {
namespace {

/// How far each collected file is behind, as the inputs tell it.
std::vector<FileLag> file_lags(const Inputs& inputs) {
  std::vector<FileLag> lags;
  for (const auto& [name, description] : inputs.describe()) {
    const auto parsed = nlohmann::json::parse(description, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("files")) continue;
    for (const auto& file : parsed["files"]) {
      if (!file.is_object() || !file.contains("lag_bytes") || !file["lag_bytes"].is_number_unsigned()) continue;
      lags.push_back({name, file.value("path", ""), file["lag_bytes"].get<std::uint64_t>()});
    }
  }
  return lags;
}

PullFacts pull_facts(const PullCounters& counters) {
  return {.begun = counters.begun, .active = counters.active, .followers = counters.followers, .bytes = counters.bytes};
}

}  // namespace

HttpFront::HttpFront()
    : loop_(HttpLoop::start()),
      ingest_slot_(
          std::make_shared<HttpSlot>(loop_, "no input of type http is configured: nobody takes entries here")) {}

towl::Result<void> HttpFront::listen(const std::string& address, Ingest& ingest, TowlService& service,
                                     const Inputs& inputs, boost::asio::thread_pool& pool,
                                     const std::shared_ptr<spdlog::logger>& log) {
  metrics_->add(input_metrics([&inputs] { return inputs.counters(); }));
  metrics_->add(ingest_metrics(ingest));
  metrics_->add(store_metrics(service.catalog()));
  metrics_->add(process_metrics());
  metrics_->add(file_lag_metrics([&inputs] { return file_lags(inputs); }));
  metrics_->add(pull_metrics([&service] { return pull_facts(service.pull_counters()); }));
  const auto ready = ready_;
  routes_->add("/ingest", {HttpMethod::post}, ingest_slot_);
  routes_->add("/healthz", {HttpMethod::get}, health_handler());
  routes_->add("/readyz", {HttpMethod::get}, readiness_handler([ready]() -> std::optional<std::string> {
                 if (*ready) return std::nullopt;
                 return "the collector is starting or stopping";
               }));
  routes_->add("/metrics", {HttpMethod::get},
               std::make_shared<HttpPoolHandler>(pool, [ready, metrics = metrics_](const HttpRequest&) {
                 // Before it is ready, not all that it tells of is there.
                 if (!*ready) return HttpResponse{.status = 503, .body = "starting or stopping\n"};
                 return HttpResponse{.body = metrics->text(), .content_type = kMetricsContentType};
               }));
  auto server = HttpServer::listen(address, routes_, loop_, log);
  if (!server) return towl::fail(std::move(server.error()));
  server_ = std::move(*server);
  metrics_->add(http_metrics(*server_));
  return {};
}

void HttpFront::stop(std::chrono::milliseconds patience) {
  set_ready(false);
  if (server_) server_->stop(patience);
  loop_->stop();
}

}  // namespace towld
