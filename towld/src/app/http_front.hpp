// HttpFront is the collector's HTTP side: its paths, the server, and what /metrics and /readyz tell.
//
// Threads: the server's own; start and stop from one other.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "app/inputs.hpp"
#include "http/http_server.hpp"
#include "http/http_slot.hpp"
#include "ingest/ingest.hpp"
#include "metrics/metrics.hpp"
#include "service/towl_service.hpp"

namespace towld {

class HttpFront {
 public:
  HttpFront();
  ~HttpFront() { stop(std::chrono::milliseconds(0)); }

  /// Where entries are posted to, for the HTTP input.
  const std::shared_ptr<HttpSlot>& ingest_slot() const { return ingest_slot_; }

  /// Listens on `address`. Borrows all, which must outlive stop(). Errors: invalid_argument.
  towl::Result<void> listen(const std::string& address, Ingest& ingest, TowlService& service, const Inputs& inputs,
                            boost::asio::thread_pool& pool, const std::shared_ptr<spdlog::logger>& log);

  /// HOST:PORT; "" where it does not listen.
  std::string address() const { return server_ ? server_->address() : ""; }

  /// What /readyz says.
  void set_ready(bool ready) { *ready_ = ready; }

  void stop(std::chrono::milliseconds patience);

 private:
  std::shared_ptr<HttpLoop> loop_;
  std::shared_ptr<HttpRoutes> routes_ = std::make_shared<HttpRoutes>();
  std::shared_ptr<HttpSlot> ingest_slot_;
  std::shared_ptr<Metrics> metrics_ = std::make_shared<Metrics>();
  std::shared_ptr<std::atomic<bool>> ready_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<HttpServer> server_;
};

}  // namespace towld
