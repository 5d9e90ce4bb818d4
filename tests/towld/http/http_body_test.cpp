// Bodies that are written bit by bit, and handlers that end with their clients.
#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <stop_token>

#include "http/http_pool_handler.hpp"
#include "support/process.hpp"
#include "towld/http/http_fixture.hpp"

namespace towld {
namespace {

using testing::HasSubstr;

/// Begins a body and hands it to the test.
class Bodies final : public HttpHandler {
 public:
  void handle(HttpRequest& request, HttpResponder respond) override {
    const std::lock_guard lock(mutex_);
    responder_.emplace(respond);
    gone_ = request.gone;
    respond.begin({.content_type = "text/event-stream"}, [this](HttpBodyEvent event) {
      const std::lock_guard inner(mutex_);
      ++(event == HttpBodyEvent::taken ? taken_ : idle_);
      changed_.notify_all();
    });
  }
  bool ends_with_client() const override { return true; }

  /// False if it does not come to that.
  template <class Is>
  bool wait(Is is) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return is(*this); });
  }
  HttpResponder responder() {
    const std::lock_guard lock(mutex_);
    return *responder_;
  }
  bool is_gone() {
    const std::lock_guard lock(mutex_);
    return gone_.stop_requested();
  }

  int taken_ = 0;
  int idle_ = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<HttpResponder> responder_;
  std::stop_token gone_;
};

class HttpBody : public HttpFixture {
 protected:
  void start_bodies(const HttpLimits& limits = {}) {
    routes_->add("/body", {HttpMethod::get}, bodies_);
    start(limits);
  }
  std::shared_ptr<Bodies> bodies_ = std::make_shared<Bodies>();
};

TEST_F(HttpBody, ComesBitByBitAndEndsWithTheConnection) {
  start_bodies();
  auto reader = client();
  const auto head = reader.get("/body");
  EXPECT_EQ(head.status, 200);
  EXPECT_THAT(head.head, HasSubstr("text/event-stream"));
  EXPECT_EQ(head.head.find("Content-Length"), std::string::npos);
  EXPECT_THAT(head.head, HasSubstr("Connection: close"));
  ASSERT_TRUE(bodies_->wait([](const Bodies& all) { return all.taken_ == 1; }));
  const HttpResponder respond = bodies_->responder();
  std::string large(1 << 20, 'x');
  respond.write(large);
  EXPECT_EQ(reader.rest(large.size()), large);
  ASSERT_TRUE(bodies_->wait([](const Bodies& all) { return all.taken_ == 2; }));
  respond.write("the end");
  respond.end();
  EXPECT_EQ(reader.rest(7), "the end");
  EXPECT_TRUE(reader.is_closed());
  respond.write("too late");
}

TEST_F(HttpBody, SaysWhenNothingWasWrittenForAWhile) {
  start_bodies({.heartbeat_time = std::chrono::milliseconds(20)});
  auto reader = client();
  EXPECT_EQ(reader.get("/body").status, 200);
  EXPECT_TRUE(bodies_->wait([](const Bodies& all) { return all.idle_ >= 3; }));
}

TEST_F(HttpBody, EndsWithItsClientAndWithTheServer) {
  start_bodies();
  {
    auto reader = client();
    EXPECT_EQ(reader.get("/body").status, 200);
    ASSERT_TRUE(bodies_->wait([](const Bodies& all) { return all.taken_ == 1; }));
    EXPECT_FALSE(bodies_->is_gone());
  }
  EXPECT_TRUE(towl::test::eventually([&] { return bodies_->is_gone(); }));
  auto reader = client();
  EXPECT_EQ(reader.get("/body").status, 200);
  stop();
  EXPECT_TRUE(reader.is_closed());
}

TEST_F(HttpBody, OfAClientThatTakesNothingEndsInTime) {
  start_bodies({.write_time = std::chrono::milliseconds(50)});
  auto reader = client();
  EXPECT_EQ(reader.get("/body").status, 200);
  bodies_->responder().write(std::string(64 << 20, 'x'));
  EXPECT_TRUE(towl::test::eventually([&] { return http_counters_->timed_out.load() == 1; }));
  EXPECT_TRUE(bodies_->is_gone());
}

// Also if it has sent the next request already.
TEST_F(HttpBody, AHandlerOnAPoolSeesThatItsClientIsGone) {
  boost::asio::thread_pool pool(1);
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
  routes_->add("/slow", {HttpMethod::get}, std::make_shared<HttpPoolHandler>(pool, [&](const HttpRequest& request) {
                 ++begun;
                 EXPECT_TRUE(towl::test::eventually([&] { return request.gone.stop_requested(); }));
                 ++ended;
                 return HttpResponse{};
               }));
  start();
  {
    auto asking = client();
    asking.send("GET /slow HTTP/1.1\r\nHost: towld\r\n\r\nGET /slow HTTP/1.1\r\nHost: towld\r\n\r\n");
    ASSERT_TRUE(towl::test::eventually([&] { return begun == 1; }));
  }
  EXPECT_TRUE(towl::test::eventually([&] { return ended == 1; }));
  {
    auto waiting = client();
    waiting.send("GET /slow HTTP/1.1\r\nHost: towld\r\n\r\n");
    ASSERT_TRUE(towl::test::eventually([&] { return begun == 2; }));
    waiting.reset();
  }
  EXPECT_TRUE(towl::test::eventually([&] { return ended == 2; }));
  stop();
  pool.join();
}

}  // namespace
}  // namespace towld
