// /metrics, /healthz and /readyz: what monitors read is well-formed and adds up.
#include <gmock/gmock.h>

#include <re2/re2.h>

#include <atomic>
#include <future>
#include <map>
#include <set>
#include <sstream>

#include "http/health.hpp"
#include "http/http_pool_handler.hpp"
#include "metrics/metric_sources.hpp"
#include "support/process.hpp"
#include "towld/http/http_fixture.hpp"

namespace towld {
namespace {

using testing::HasSubstr;

/// Samples by name and labels, as they are printed. Fails the test for what Prometheus' text format does not have.
std::map<std::string, double> parse(const std::string& text) {
  std::map<std::string, double> samples;
  std::map<std::string, std::string> types;
  std::set<std::string> helped;
  std::set<std::string> ended;
  std::string family;
  const RE2 comment(R"(# (HELP|TYPE) ([a-z_][a-z0-9_]*) (.+))");
  const RE2 sample(R"re((([a-z_][a-z0-9_]*)(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})?) ([-+0-9.eEinfINFNa]+))re");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::string kind, name, rest, key, value;
    if (RE2::FullMatch(line, comment, &kind, &name, &rest)) {
      if (name != family) {
        EXPECT_TRUE(ended.insert(name).second) << name << " is in two places";
        family = name;
      }
      if (kind == "HELP") {
        EXPECT_TRUE(helped.insert(name).second) << name;
      } else {
        EXPECT_TRUE(types.emplace(name, rest).second) << name;
      }
    } else if (RE2::FullMatch(line, sample, &key, &name, &value)) {
      const std::string type = types[family];
      const bool belongs = name == family || (type == "histogram" && name.starts_with(family + "_"));
      EXPECT_TRUE(belongs && helped.contains(family)) << line;
      EXPECT_EQ(type == "counter", name.ends_with("_total")) << line;
      EXPECT_TRUE(samples.emplace(key, std::stod(value)).second) << key << " is there twice";
    } else {
      ADD_FAILURE() << "not in the format: " << line;
    }
  }
  return samples;
}

class HttpMetrics : public HttpFixture {
 protected:
  ~HttpMetrics() override {
    stop();
    pool_.join();
  }

  void start_with_metrics(InputContext context = {}) {
    routes_->add("/metrics", {HttpMethod::get}, std::make_shared<HttpPoolHandler>(pool_, [this](const HttpRequest&) {
                   return HttpResponse{.body = metrics_.text(), .content_type = kMetricsContentType};
                 }));
    start({}, std::move(context));
    catalog_.emplace(ingest_->reader(), ingest_->state());
    metrics_.add(input_metrics([counters = counters_] { return NamedCounters{{"http \"1\"\n", counters}}; }));
    metrics_.add(ingest_metrics(*ingest_));
    metrics_.add(store_metrics(*catalog_));
    metrics_.add(http_metrics(routes_, http_counters_));
    metrics_.add(process_metrics());
    metrics_.add(file_lag_metrics([] { return std::vector<FileLag>{{"a", "/var/log/x \\ y", 5}, {"a", "/b", 0}}; }));
    metrics_.add(output_metrics([] {
      return std::vector<OutputFigures>{{.output = "all",
                                         .connected = true,
                                         .sent_entries = 10,
                                         .sent_bytes = 1000,
                                         .failures = 2,
                                         .backlog_entries = 5,
                                         .backlog_bytes = 500},
                                        {.output = "other"}};
    }));
    metrics_.add(pull_metrics([] { return PullFacts{.begun = 3, .active = 2, .followers = 1, .bytes = 1000}; }));
  }

  boost::asio::thread_pool pool_{1};
  std::optional<towl::Catalog> catalog_;
  Metrics metrics_;
};

TEST_F(HttpMetrics, WhatIsCountedIsReportedAndAddsUp) {
  start_with_metrics({.min_level = 4});
  auto client = this->client();
  EXPECT_EQ(client.post("/ingest", R"([{"level":"info"},{"level":"err"},{"message":"a"}])").status, 202);
  EXPECT_EQ(client.post("/ingest", "{").status, 400);
  const auto answer = client.get("/metrics");
  EXPECT_TRUE(answer.has("Content-Type: text/plain; version=0.0.4"));
  auto samples = parse(answer.body);
  const auto of_input = [&](const std::string& name) { return samples[name + R"({input="http \"1\"\n"})"]; };
  // What is refused counts as well.
  EXPECT_EQ(of_input("towl_entries_received_total"), 4);
  EXPECT_EQ(of_input("towl_entries_stored_total"), 2);
  EXPECT_EQ(of_input("towl_entries_rejected_total"), 2);
  EXPECT_EQ(of_input("towl_entries_dropped_total"), 0);
  EXPECT_EQ(samples[R"(towl_entries_not_stored_total{input="http \"1\"\n",reason="below_level"})"], 1);
  EXPECT_GT(of_input("towl_input_bytes_total"), 50);
  EXPECT_EQ(samples["towl_ingest_received_total"], 4);
  EXPECT_TRUE(samples.contains("towl_queue_bytes"));
  EXPECT_EQ(samples[R"(towl_http_requests_total{path="/ingest",status="202"})"], 1);
  EXPECT_EQ(samples[R"(towl_http_requests_total{path="/ingest",status="400"})"], 1);
  EXPECT_EQ(samples["towl_http_connections"], 1);
  EXPECT_GT(samples["process_resident_memory_bytes"], 1 << 20);
  EXPECT_GT(samples["process_open_fds"], 3);
  EXPECT_EQ(samples[R"(towl_store_files{state="open"})"], 1);
  EXPECT_EQ(samples[R"(towl_file_lag_bytes{input="a",path="/var/log/x \\ y"})"], 5);
  EXPECT_EQ(samples["towl_followers"], 1);
  EXPECT_EQ(samples[R"(towl_output_connected{output="all"})"], 1);
  EXPECT_EQ(samples[R"(towl_output_connected{output="other"})"], 0);
  EXPECT_EQ(samples[R"(towl_output_sent_entries_total{output="all"})"], 10);
  EXPECT_EQ(samples[R"(towl_output_sent_bytes_total{output="all"})"], 1000);
  EXPECT_EQ(samples[R"(towl_output_failures_total{output="all"})"], 2);
  EXPECT_EQ(samples[R"(towl_output_backlog_entries{output="all"})"], 5);
  EXPECT_EQ(samples[R"(towl_output_backlog_bytes{output="all"})"], 500);
  EXPECT_EQ(samples[R"(towl_store_sync_seconds_bucket{le="+Inf"})"], samples["towl_store_sync_seconds_count"]);
}

TEST_F(HttpMetrics, SyncsAreCountedByTheirTime) {
  start_with_metrics();
  std::promise<void> durable;
  auto client = this->client();
  EXPECT_EQ(client.post("/ingest", R"({"message":"a"})").status, 202);
  ingest_->make_durable([&] { durable.set_value(); });
  durable.get_future().wait();
  // It is counted after those that wait were told.
  EXPECT_TRUE(towl::test::eventually([&] {
    auto samples = parse(metrics_.text());
    return samples["towl_store_sync_seconds_count"] >= 1 && samples["towl_store_sync_seconds_sum"] > 0;
  }));
  IngestCounters counters;
  for (const std::uint64_t took : {1u, 500'000u, 500'001u, 2'000'000'000u}) counters.count_sync(took);
  EXPECT_EQ(counters.syncs_by_time[0], 2u);
  EXPECT_EQ(counters.syncs_by_time[1], 1u);
  EXPECT_EQ(counters.syncs_by_time.back(), 1u);
}

TEST_F(HttpMetrics, ReadinessSaysWhyNot) {
  std::optional<std::string> reason;
  routes_->add("/healthz", {HttpMethod::get}, health_handler());
  routes_->add("/readyz", {HttpMethod::get}, readiness_handler([&] { return reason; }));
  start();
  auto client = this->client();
  EXPECT_EQ(client.get("/healthz").status, 200);
  EXPECT_EQ(client.get("/readyz").status, 200);
  reason = "the disk is full";
  const auto answer = client.get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("the disk is full"));
  EXPECT_EQ(client.get("/healthz").status, 200);
}

TEST_F(HttpMetrics, ThePoolTakesSoManyRequestsAndNoMore) {
  std::promise<void> block;
  auto blocked = block.get_future().share();
  std::promise<void> begun;
  std::atomic<bool> first = true;
  routes_->add("/slow", {HttpMethod::get},
               std::make_shared<HttpPoolHandler>(
                   pool_,
                   [&](const HttpRequest&) {
                     if (first.exchange(false)) begun.set_value();
                     blocked.wait();
                     return HttpResponse{.body = "slow"};
                   },
                   2));
  start();
  auto one = client();
  one.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  begun.get_future().wait();
  auto two = client();
  two.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (server_->counters().bytes_read < 90 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  auto three = client();
  // Two are in work or will be: of two more, one is refused.
  three.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto refused = three.read();
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.has("Retry-After: "));
  block.set_value();
  EXPECT_EQ(one.read().body, "slow");
  EXPECT_EQ(two.read().body, "slow");
  EXPECT_EQ(two.read().body, "slow");
}

}  // namespace
}  // namespace towld
