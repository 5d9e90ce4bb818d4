// Pods are known as the API server has them, no matter what happens to connections. Files of pods get their labels, or
// go on without them. Against a strict stand-in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inputs/kubernetes/watch/pod_watch.hpp"
#include "support/certificates.hpp"
#include "support/pod_server.hpp"
#include "support/stand_in_server.hpp"
#include "towld/inputs/file/file_input_fixture.hpp"

namespace towld {
namespace {

using testing::HasSubstr;
using testing::Not;
using towl::test::eventually;
using towl::test::PodServer;

class PodWatchTest : public FileInputTest {
 protected:
  PodWatchTest() {
    write_token("secret");
    kubernetes_.api = server_.url();
    kubernetes_.node = "node-1";
    kubernetes_.token_file = token_.string();
    kubernetes_.ca = "";
  }

  void write_token(const std::string& token) const { std::ofstream(token_) << token << "\n"; }

  void watch() {
    auto started = PodWatch::start(
        kubernetes_, "test", [this] { ++changes_; }, log_);
    ASSERT_TRUE(started) << started.error().to_string();
    watch_ = std::move(*started);
  }

  std::string label_of(const std::string& uid) const {
    const auto fields = watch_->pods()->find({.uid = uid});
    if (!fields) return "unknown";
    return fields->empty() ? "" : fields->front().value;
  }
  bool becomes(const std::string& uid, const std::string& label) const {
    return eventually([&] { return label_of(uid) == label; }, 20s);
  }

  /// An input of the logs of pods, as they lie on a node.
  void start_input(std::chrono::nanoseconds wait) {
    kubernetes_.wait_ns = wait.count();
    config_.include = {path("pods/*/*/*.log").string()};
    config_.kubernetes = kubernetes_;
    start();
  }
  void log(const std::string& pod, const std::string& text) const {
    const std::string name = "pods/" + pod + "/app/0.log";
    fs::create_directories(path(name).parent_path());
    append(name, text + "\n");
  }

  PodServer server_{"node-1", "secret"};
  towl::test::TempFolder files_;
  fs::path token_ = files_.path() / "token";
  KubernetesConfig kubernetes_;
  std::atomic<int> changes_ = 0;
  std::unique_ptr<PodWatch> watch_;
};

TEST_F(PodWatchTest, PodsAreListedAndWatched) {
  server_.put("u-1", "shop", "web-1", R"({"app":"web"})");
  watch();
  EXPECT_TRUE(becomes("u-1", "web"));
  server_.put("u-2", "shop", "db-1", R"({"app":"db"})");
  EXPECT_TRUE(becomes("u-2", "db"));
  server_.put("u-1", "shop", "web-1", R"({"app":"web2"})");
  EXPECT_TRUE(becomes("u-1", "web2"));
  server_.remove("u-2");
  server_.bookmark();
  server_.put("u-3", "shop", "c", "{}");
  EXPECT_TRUE(becomes("u-3", ""));
  EXPECT_EQ(label_of("u-2"), "db") << "its files are still read";
  EXPECT_EQ(server_.lists(), 1);
  EXPECT_EQ(server_.watches(), 1);
  EXPECT_EQ(watch_->error(), "");
  EXPECT_EQ(watch_->pods()->lost_at(), std::nullopt);
}

TEST_F(PodWatchTest, TheListComesInParts) {
  server_.set_page(3);
  for (int i = 0; i < 10; ++i) server_.put("u-" + std::to_string(i), "n", "p" + std::to_string(i), R"({"a":"x"})");
  watch();
  EXPECT_TRUE(eventually([&] { return watch_->pods()->size() == 10; }));
  EXPECT_EQ(server_.lists(), 4);
  EXPECT_EQ(watch_->lists(), 1u);
}

// The next watch says what happened in between, from the last bookmark on; nothing is listed again.
TEST_F(PodWatchTest, AWatchThatIsCutGoesOnWhereItWas) {
  server_.put("u-1", "shop", "web-1", R"({"app":"1"})");
  watch();
  for (int i = 2; i < 6; ++i) {
    ASSERT_TRUE(eventually([&] { return server_.watches() == i - 1; }, 30s));
    server_.put("u-1", "shop", "web-1", R"({"app":")" + std::to_string(i) + "\"}");
    ASSERT_TRUE(becomes("u-1", std::to_string(i)));
    server_.bookmark();
    server_.cut();
    server_.put("u-1", "shop", "web-1", R"({"app":"cut"})");
    ASSERT_TRUE(becomes("u-1", "cut"));
  }
  EXPECT_EQ(server_.lists(), 1);
}

TEST_F(PodWatchTest, WhatIsForgottenIsListedAgain) {
  server_.put("u-1", "shop", "web-1", R"({"app":"1"})");
  server_.put("u-2", "shop", "web-2", R"({"app":"1"})");
  watch();
  ASSERT_TRUE(eventually([&] { return server_.watches() == 1; }));
  // An event says so.
  server_.tell_nobody(true);
  server_.put("u-1", "shop", "web-1", R"({"app":"2"})");
  server_.remove("u-2");
  server_.forget();
  EXPECT_TRUE(becomes("u-1", "2"));
  ASSERT_TRUE(eventually([&] { return server_.watches() == 2; }));
  // The answer says so.
  server_.tell_nobody(false);
  server_.put("u-1", "shop", "web-1", R"({"app":"3"})");
  ASSERT_TRUE(becomes("u-1", "3"));
  server_.tell_nobody(true);
  server_.put("u-1", "shop", "web-1", R"({"app":"4"})");
  server_.refuse(410);
  ASSERT_TRUE(eventually([&] { return watch_->error().find("410") != std::string::npos; }));
  server_.refuse(0);
  EXPECT_TRUE(becomes("u-1", "4"));
  EXPECT_GE(server_.lists(), 3);
}

TEST_F(PodWatchTest, AServerThatRefusesIsAskedSeldomAndThenAgain) {
  server_.put("u-1", "shop", "web-1", R"({"app":"web"})");
  server_.refuse(403);
  watch();
  ASSERT_TRUE(eventually([&] { return !watch_->error().empty(); }));
  EXPECT_THAT(watch_->error(), HasSubstr("403: pods is forbidden; let the service account list and watch pods"));
  ASSERT_TRUE(eventually([&] { return server_.requests() >= 3; }));
  EXPECT_NE(watch_->pods()->lost_at(), std::nullopt);
  server_.refuse(0);
  EXPECT_TRUE(becomes("u-1", "web"));
  EXPECT_TRUE(eventually([&] { return watch_->error().empty(); }));
}

TEST_F(PodWatchTest, ATokenThatWasReplacedIsReadAgain) {
  server_.put("u-1", "shop", "web-1", R"({"app":"1"})");
  watch();
  ASSERT_TRUE(eventually([&] { return server_.watches() == 1; }));
  server_.set_token("another");
  write_token("another");
  server_.cut();
  EXPECT_TRUE(eventually([&] { return server_.watches() == 2; }, 20s));
  EXPECT_EQ(server_.lists(), 1);
}

TEST_F(PodWatchTest, OneThatNeverAnswersCanBeLeft) {
  server_.refuse(-1);
  watch();
  ASSERT_TRUE(eventually([&] { return server_.requests() == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  watch_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(PodWatchTest, TheServerMustBeTheOneThatIsTrusted) {
  if (!towl::test::make_certificate(files_.path(), "api") || !towl::test::make_certificate(files_.path(), "other")) {
    GTEST_SKIP() << "openssl(1) is not installed";
  }
  const towl::test::StandInServer server(
      [](const towl::test::StandInRequest& request) -> towl::test::StandInAnswer {
        if (request.target.find("watch=1") != std::string::npos) return {.status = 500};
        return {
            .body =
                R"({"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a","uid":"u-1","labels":{"a":"b"}}}]})"};
      },
      files_.path() / "api.pem", files_.path() / "api.key");
  kubernetes_.api = server.url();
  kubernetes_.ca = files_.path() / "other.pem";
  watch();
  EXPECT_TRUE(eventually([&] { return watch_->error().find("certificate") != std::string::npos; }, 20s))
      << watch_->error();
  EXPECT_EQ(label_of("u-1"), "unknown");
  watch_.reset();
  kubernetes_.ca = files_.path() / "api.pem";
  watch();
  EXPECT_TRUE(becomes("u-1", "b"));
}

TEST_F(PodWatchTest, EntriesGetTheLabelsOfTheirPod) {
  server_.put("u-1", "shop", "web-1", R"({"app":"web","app.kubernetes.io/part-of":"shop"})", R"({"team":"a"})");
  kubernetes_.annotations = {"team"};
  log("shop_web-1_u-1", "one");
  start_input(30s);
  const auto first = wait_for(1);
  ASSERT_EQ(first.size(), 1u);
  for (const char* field : {R"("k8s.pod.label.app":"web")", R"("k8s.pod.label.app.kubernetes.io/part-of":"shop")",
                            R"("k8s.pod.annotation.team":"a")", R"("k8s.pod.name":"web-1")", R"("MESSAGE":"one")"}) {
    EXPECT_THAT(first[0], HasSubstr(field));
  }
  // A pod whose file is there before the server reports it: its first entry waits, those of others do not.
  log("shop_db-1_u-2", "first of db");
  log("shop_web-1_u-1", "two");
  EXPECT_THAT(wait_for(2).back(), HasSubstr("two"));
  EXPECT_TRUE(eventually([&] { return status("pods/shop_db-1_u-2/app/0.log").state == "waiting"; }));
  server_.put("u-2", "shop", "db-1", R"({"app":"db"})");
  EXPECT_THAT(wait_for(3).back(), HasSubstr(R"("k8s.pod.label.app":"db")"));
  // Labels that change are those of what follows.
  server_.put("u-2", "shop", "db-1", R"({"app":"db2"})");
  ASSERT_TRUE(eventually([&] {
    log("shop_db-1_u-2", "more");
    std::this_thread::sleep_for(20ms);
    return texts().back().find("db2") != std::string::npos;
  }));
  EXPECT_EQ(counters_->unlabelled, 0u);
  EXPECT_EQ(input_->status().counts.front().second, 2u);
}

TEST_F(PodWatchTest, WithoutAServerEntriesGoOnWithoutLabels) {
  server_.refuse(-1);
  log("shop_web-1_u-1", "one");
  log("shop_web-2_u-2", "two");
  start_input(300ms);
  const auto stored = wait_for(2);
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_THAT(stored[0], Not(HasSubstr("label")));
  EXPECT_THAT(stored[0], HasSubstr("k8s.pod.name"));
  EXPECT_EQ(counters_->unlabelled, 2u);
  // A file that turns up later does not wait any more.
  log("shop_web-3_u-3", "three");
  wait_for(3);
  EXPECT_EQ(counters_->unlabelled, 3u);
  // What the server tells when it is there again, entries have from then on.
  server_.put("u-1", "shop", "web-1", R"({"app":"web"})");
  server_.refuse(0);
  ASSERT_TRUE(eventually(
      [&] {
        log("shop_web-1_u-1", "more");
        std::this_thread::sleep_for(20ms);
        return texts().back().find("k8s.pod.label.app") != std::string::npos;
      },
      60s));
}

}  // namespace
}  // namespace towld
