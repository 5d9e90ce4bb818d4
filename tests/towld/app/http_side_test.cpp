// The collector's HTTP side as a whole: every path is there, and it stops in order.
#include "app/http_side.hpp"
#include "app/make_input.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "log/logger.hpp"
#include "support/temp_folder.hpp"
#include "towld/http/http_client.hpp"

namespace towld {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

TEST(HttpSide, TakesEntriesAndShowsThem) {
  const towl::test::TempFolder folder;
  const auto log = make_logger({.level = LogLevel::error});
  auto ingest = Ingest::start({.path = folder.path()}, log);
  ASSERT_TRUE(ingest) << ingest.error().to_string();
  auto side = HttpSide::start({.address = "127.0.0.1:0", .inputs = {{.name = "http", .type = "http"}}}, **ingest, log);
  ASSERT_TRUE(side) << side.error().to_string();
  towl::test::HttpClient client((*side)->address());
  EXPECT_EQ(client.get("/healthz").status, 200);
  EXPECT_EQ(client.get("/readyz").status, 200);
  // The input is not there yet.
  towl::test::HttpClient early((*side)->address());
  EXPECT_EQ(early.post("/ingest", R"({"message":"early"})").status, 503);

  auto input = make_input({.name = "http", .type = "http"}, {.http = (*side)->endpoint()},
                          {.name = "http", .ingest = ingest->get(), .durability = Durability::synced});
  ASSERT_TRUE(input) << input.error().to_string();
  EXPECT_EQ(client.post("/ingest", R"({"message":"hello","level":"err","host":"web-1"})").status, 202);
  EXPECT_EQ(Json::parse(client.get("/files").body)["files"][0]["count"], 1);
  EXPECT_EQ(Json::parse(client.get("/files/1").body)["state"], "open");
  const auto found = Json::parse(client.get("/query?level=warning&q=hello").body);
  ASSERT_EQ(found["entries"].size(), 1u);
  EXPECT_EQ(found["entries"][0]["sender"], "web-1");
  EXPECT_THAT(client.get("/metrics").body, HasSubstr("towl_ingest_stored_total 1\n"));
  EXPECT_THAT(client.get("/metrics").body, HasSubstr(R"(towl_http_requests_total{path="/ingest",status="503"} 1)"));

  (*side)->begin_stop();
  const auto not_ready = client.get("/readyz");
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_THAT(not_ready.body, HasSubstr("stopping"));
  EXPECT_EQ(client.get("/healthz").status, 200);
  (*side)->stop(std::chrono::seconds(10));
  (*input)->stop();
  EXPECT_TRUE((*ingest)->stop());
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpSide, AnAddressThatIsTakenIsAnError) {
  const towl::test::TempFolder folder;
  const auto log = make_logger({.level = LogLevel::error});
  auto ingest = Ingest::start({.path = folder.path()}, log);
  ASSERT_TRUE(ingest) << ingest.error().to_string();
  const auto first = HttpSide::start({.address = "127.0.0.1:0"}, **ingest, log);
  ASSERT_TRUE(first) << first.error().to_string();
  const auto second = HttpSide::start({.address = (*first)->address()}, **ingest, log);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr((*first)->address()));
}

}  // namespace
}  // namespace towld
