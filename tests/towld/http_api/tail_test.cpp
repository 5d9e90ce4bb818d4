// GET /tail: every entry that becomes durable, once, over partitions, cuts and restarts.
#include "http_api/tail.hpp"

#include <gmock/gmock.h>

#include <future>
#include <random>

#include "http/http_server.hpp"
#include "http_api/read_routes.hpp"
#include "ingest/ingest.hpp"
#include "log/logger.hpp"
#include "support/process.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/query/address.hpp"
#include "towld/http/http_client.hpp"

namespace towld {
namespace {

using testing::HasSubstr;
using Client = towl::test::HttpClient;

class Tail : public testing::Test {
 protected:
  Tail() { start(); }
  ~Tail() override { stop(); }

  static std::shared_ptr<spdlog::logger> log() { return make_logger({.level = LogLevel::error}); }

  void start() {
    auto ingest = Ingest::start({.path = folder_.path(), .partition = {.max_entries = 7}}, log());
    ASSERT_TRUE(ingest) << ingest.error().to_string();
    ingest_ = std::move(*ingest);
    catalog_.emplace(ingest_->reader(), ingest_->state());
    pool_ = std::make_unique<boost::asio::thread_pool>(2);
    const auto routes = std::make_shared<HttpRoutes>();
    add_read_routes(*routes, {.catalog = *catalog_, .state = ingest_->state(), .pool = *pool_, .query_pool = *pool_});
    HttpLimits limits;
    limits.heartbeat_time = std::chrono::milliseconds(100);
    auto server = HttpServer::listen("127.0.0.1:0",
                                     {.routes = routes, .loop = HttpLoop::start(), .log = log(), .limits = limits});
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
  }

  void stop() {
    if (!server_) return;
    server_->stop(std::chrono::seconds(10));
    pool_->join();
    server_.reset();
    EXPECT_TRUE(ingest_->stop());
    pool_.reset();
    ingest_.reset();
  }

  /// Stores this many more entries, "entry N".
  void store(std::uint64_t count, const std::string& more = "") {
    std::vector<towl::Entry> entries;
    for (std::uint64_t i = 0; i < count; ++i) entries.push_back(towl::test::numbered_entry(stored_++));
    for (towl::Entry& entry : entries) entry.log_entry += more;
    std::promise<bool> done;
    Batch batch;
    batch.durability = Durability::synced;
    batch.entries = towl::test::views(entries);
    batch.done = [&](const auto& result) { done.set_value(result.has_value()); };
    ingest_->submit(std::move(batch));
    EXPECT_TRUE(done.get_future().get());
  }

  Client tail(const std::string& query = "", const std::string& last = "") {
    Client client(server_->address());
    const auto head = client.ask("GET /tail" + query + " HTTP/1.1\r\nHost: towld\r\n" +
                                 (last.empty() ? "" : "Last-Event-ID: " + last + "\r\n") + "\r\n");
    EXPECT_EQ(head.status, 200) << head.body;
    // Where it begins.
    EXPECT_THAT(client.until("\n\n"), testing::StartsWith("id: "));
    return client;
  }

  struct Event {
    std::string type;
    std::string id;
    std::string data;
  };

  /// The next one that has data.
  static Event next(Client& client) {
    for (;;) {
      const std::string text = client.until("\n\n");
      if (text.empty()) return {};
      Event event;
      std::size_t at = 0;
      while (at < text.size()) {
        const auto end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        if (line.starts_with("id: ")) event.id = line.substr(4);
        if (line.starts_with("event: ")) event.type = line.substr(7);
        if (line.starts_with("data: ")) event.data = line.substr(6);
        at = end + 1;
      }
      if (!event.data.empty()) return event;
    }
  }

  towl::test::TempFolder folder_;
  std::uint64_t stored_ = 0;
  std::unique_ptr<Ingest> ingest_;
  std::optional<towl::Catalog> catalog_;
  std::unique_ptr<boost::asio::thread_pool> pool_;
  std::unique_ptr<HttpServer> server_;
};

std::string text_in(const std::string& data) {
  const auto at = data.find("\"log_entry\":\"");
  return at == std::string::npos ? data : data.substr(at + 13, data.find('"', at + 13) - at - 13);
}

TEST_F(Tail, GivesEveryEntryFromNowOnOverPartitions) {
  store(10);
  auto client = tail();
  for (int round = 0; round < 10; ++round) store(5);
  for (std::uint64_t i = 10; i < 60; ++i) EXPECT_EQ(text_in(next(client).data), towl::test::numbered_text(i));
}

// The promise: cut anywhere, the collector restarted in between, nothing is missing and nothing comes twice.
TEST_F(Tail, GoesOnBehindTheLastEventOverCutsAndRestarts) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::string last = "begin";
  std::uint64_t seen = 0;
  for (int round = 0; round < 12; ++round) {
    auto client = tail("", last);
    store(1 + random() % 9);
    const std::uint64_t take = random() % (stored_ - seen + 1);
    for (std::uint64_t i = 0; i < take; ++i) {
      const Event event = next(client);
      ASSERT_EQ(text_in(event.data), towl::test::numbered_text(seen)) << "after " << last;
      last = event.id;
      ++seen;
    }
    if (random() % 3 == 0) {
      store(random() % 4);
      stop();
      start();
    }
  }
  auto client = tail("", last);
  for (; seen < stored_; ++seen) ASSERT_EQ(text_in(next(client).data), towl::test::numbered_text(seen));
}

TEST_F(Tail, AQueryChoosesAndThePlaceIsKnownBehindWhatItPassesOver) {
  auto client = tail("?query=entry%20_ordinal:%3E=2%20_file_id:=2");
  store(20);
  // File 2 has entries 7 to 13.
  for (std::uint64_t i = 9; i < 14; ++i) EXPECT_EQ(text_in(next(client).data), towl::test::numbered_text(i));
  const auto wrong = Client(server_->address()).get("/tail?query=*|count()");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("no pipes"));
  EXPECT_EQ(Client(server_->address()).get("/tail?colour=red").status, 400);
  EXPECT_EQ(Client(server_->address()).get("/tail?query=a%20(b").status, 400);
  EXPECT_EQ(Client(server_->address()).ask("GET /tail HTTP/1.1\r\nHost: towld\r\nLast-Event-ID: x\r\n\r\n").status,
            400);
  // Nothing of it matches: the place moves on by itself, and is what the next one goes on from.
  auto none = tail("?query=nowhere");
  store(3);
  std::string id;
  const auto files = catalog_->files();
  for (int i = 0; i < 200; ++i) {
    const std::string text = none.until("\n\n");
    const auto at = text.find("id: ");
    if (at != std::string::npos) id = text.substr(at + 4, text.find('\n', at) - at - 4);
    if (id.ends_with("/" + std::to_string((stored_ - 1) % 7))) break;
  }
  auto after = tail("", id);
  store(1);
  EXPECT_EQ(text_in(next(after).data), towl::test::numbered_text(stored_ - 1));
}

TEST_F(Tail, AnEntryThatIsGoneIsToldAndTheRestFollows) {
  store(3);
  auto client = tail("", "0123456789abcdef0123456789abcdef/5");
  EXPECT_EQ(next(client).type, "removed");
  EXPECT_EQ(text_in(next(client).data), towl::test::numbered_text(0));
}

TEST_F(Tail, OnePeerHasSoManyAndNoMore) {
  std::vector<Client> clients;
  for (std::size_t i = 0; i < kMaxTailsOfAPeer; ++i) clients.push_back(tail());
  const auto refused = Client(server_->address()).get("/tail");
  EXPECT_EQ(refused.status, 429);
  clients.pop_back();
  EXPECT_TRUE(towl::test::eventually([&] {
    Client client(server_->address());
    return client.get("/tail").status == 200;
  }));
}

// A client that reads nothing holds a bounded part, gets all once it reads, and holds up nobody.
TEST_F(Tail, ASlowReaderIsBoundedAndMissesNothing) {
  const std::string more(256 << 10, 'x');
  auto slow = tail();
  auto quick = tail();
  for (int round = 0; round < 10; ++round) store(7, more);
  for (Client* client : {&quick, &slow}) {
    for (std::uint64_t i = 0; i < stored_; ++i) {
      ASSERT_THAT(text_in(next(*client).data), testing::StartsWith(towl::test::numbered_text(i) + "x"));
    }
  }
}

}  // namespace
}  // namespace towld
