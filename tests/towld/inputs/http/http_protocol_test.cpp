// A protocol has a media type, a way to read bodies and an answer; the endpoint does everything else, the same for all.
#include <gmock/gmock.h>

#include "towld/http/http_fixture.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// An entry a line; "bad" is none.
class LinesProtocol final : public HttpProtocol {
 public:
  std::unique_ptr<HttpProtocol> another() const override { return std::make_unique<LinesProtocol>(); }
  bool takes(std::string_view media_type) const override { return media_type == "text/lines"; }
  std::string_view taken_types() const override { return "text/lines"; }
  towl::Result<void> read(HttpRequest& request, HttpEntries& entries) override {
    std::string_view rest = request.body;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line == "bad") return entries.refuse({towl::ErrorCode::invalid_argument, "it is bad"}, 1);
      entries.draft().text = line;
      if (const auto taken = entries.take(); !taken) return entries.refuse(taken.error(), 1);
    }
    return {};
  }
  HttpResponse stored(const HttpCounts& counts) const override {
    return {.status = 200, .body = std::to_string(counts.accepted) + " lines"};
  }
};

class HttpProtocols : public HttpFixture {
 protected:
  void start_lines() {
    more_paths_ = {"/lines"};
    start();
    auto input = HttpInput::start(context_, endpoint_, "/lines", std::make_unique<LinesProtocol>());
    ASSERT_TRUE(input) << input.error().to_string();
    lines_ = std::move(*input);
  }
  void stop_lines() {
    server_->stop(std::chrono::seconds(10));
    lines_->stop();
  }

  std::unique_ptr<HttpInput> lines_;
};

constexpr const char* kLines = "Content-Type: Text/Lines; charset=utf-8\r\n";

TEST_F(HttpProtocols, HaveTheirOwnBodiesAndAnswers) {
  start_lines();
  auto client = this->client();
  const auto answer = client.post("/lines", "one\ntwo\n", kLines);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "2 lines");
  EXPECT_EQ(client.post("/ingest", R"({"message":"three"})").status, 202);
  stop_lines();
  EXPECT_THAT(stored(), ElementsAre("127.0.0.1 one", "127.0.0.1 two", "127.0.0.1 three"));
}

TEST_F(HttpProtocols, ShareWhatIsRefused) {
  start_lines();
  auto client = this->client();
  const auto other = client.post("/lines", "one\n", "Content-Type: application/json\r\n");
  EXPECT_EQ(other.status, 415);
  EXPECT_THAT(other.body, HasSubstr("text/lines"));
  const auto bad = client.post("/lines", "one\nbad\n", kLines);
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr("entry 2: it is bad"));
  EXPECT_EQ(client.post("/lines", "x", std::string(kLines) + "Content-Encoding: br\r\n").status, 415);
  EXPECT_EQ(client.post("/lines", "x", std::string(kLines) + "Content-Encoding: gzip\r\n").status, 400);
  std::string many;
  for (std::size_t i = 0; i <= kMaxEntriesARequest; ++i) many += "x\n";
  EXPECT_EQ(client.post("/lines", many, kLines).status, 413);
  stop_lines();
  EXPECT_THAT(stored(), testing::IsEmpty());
}

TEST_F(HttpProtocols, APathIsOneInputsAtATime) {
  start_lines();
  EXPECT_FALSE(HttpInput::start(context_, endpoint_, "/lines", std::make_unique<LinesProtocol>()));
  EXPECT_FALSE(HttpInput::start(context_, nullptr, "/lines", std::make_unique<LinesProtocol>()));
  stop_lines();
}

}  // namespace
}  // namespace towld
