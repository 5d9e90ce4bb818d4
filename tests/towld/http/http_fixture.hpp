// HttpFixture is an HTTP server with /ingest over a store of its own, and handlers that tests add.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http/http_server.hpp"
#include "ingest/ingest.hpp"
#include "inputs/http/http_input.hpp"
#include "inputs/http/ingest/ingest_protocol.hpp"
#include "log/logger.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towld/http/http_client.hpp"

namespace towld {

class HttpFixture : public testing::Test {
 protected:
  using Client = towl::test::HttpClient;

  ~HttpFixture() override { stop(); }

  static std::shared_ptr<spdlog::logger> log() { return make_logger({.level = LogLevel::error}); }

  /// Starts store, input and server; to be called once.
  void start(const HttpLimits& limits = {}, InputContext context = {}) {
    auto ingest = Ingest::start({.path = folder_.path()}, log());
    ASSERT_TRUE(ingest) << ingest.error().to_string();
    ingest_ = std::move(*ingest);
    loop_ = HttpLoop::start();
    context.name = "http";
    context.ingest = ingest_.get();
    context.durability = Durability::written;
    counters_ = context.counters;
    context_ = std::move(context);
    endpoint_ = std::make_shared<HttpEndpoint>(loop_, limits, reached_);
    endpoint_->add(*routes_, kIngestPath, false);
    for (const std::string& path : more_paths_) endpoint_->add(*routes_, path, false);
    start_input();
    auto server = HttpServer::listen("127.0.0.1:0", {.routes = routes_,
                                                     .loop = loop_,
                                                     .log = log(),
                                                     .limits = limits,
                                                     .make_stream = make_stream_,
                                                     .counters = http_counters_,
                                                     .guard = guard_,
                                                     .reached = reached_});
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
  }

  void start_input() {
    auto input = try_input();
    ASSERT_TRUE(input) << input.error().to_string();
    input_ = std::move(*input);
  }

  towl::Result<std::unique_ptr<HttpInput>> try_input() {
    return HttpInput::start(context_, endpoint_, kIngestPath, std::make_unique<IngestProtocol>());
  }

  /// In the order of a collector that stops.
  void stop() {
    if (server_) server_->stop(std::chrono::seconds(10));
    if (input_) input_->stop();
    if (ingest_) {
      EXPECT_TRUE(ingest_->stop());
    }
  }

  Client client() { return Client(server_->address()); }

  /// What was stored, as "SENDER TEXT", once all is stopped.
  std::vector<std::string> stored() {
    stop();
    std::vector<std::string> texts;
    for (const auto& entry : towl::test::read_all(ingest_->reader()))
      texts.push_back(entry.sender + " " + entry.log_entry);
    return texts;
  }

  towl::test::TempFolder folder_;
  std::shared_ptr<HttpRoutes> routes_ = std::make_shared<HttpRoutes>();
  std::unique_ptr<Ingest> ingest_;
  std::shared_ptr<HttpLoop> loop_;
  std::shared_ptr<InputCounters> counters_;
  InputContext context_;
  std::shared_ptr<HttpEndpoint> endpoint_;
  std::vector<std::string> more_paths_;  // of the endpoint, to be set before start()
  std::unique_ptr<HttpInput> input_;
  HttpStreamFactory make_stream_;
  HttpGuard guard_;
  std::shared_ptr<HttpCounters> http_counters_ = std::make_shared<HttpCounters>();
  std::shared_ptr<LimitCounts> reached_ = std::make_shared<LimitCounts>();
  std::unique_ptr<HttpServer> server_;
};

}  // namespace towld
