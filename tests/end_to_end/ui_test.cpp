// towlctl ui: the page and what it asks for over a mirror, offline and only for this host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towld/http/http_client.hpp"

namespace towl::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;
using Words = std::vector<std::string>;

class Ui : public testing::Test {
 protected:
  ProcessResult towlctl(Words arguments, const std::string& input = "") const {
    arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
    return run(arguments, {.environment = environment(), .input = input, .folder = folder_.path()});
  }
  std::map<std::string, std::string> environment() const {
    return {{"TOWL_STORE", "mirror"}, {"TZ", "UTC"}, {"TOWL_CONFIG", "none.yaml"}};
  }

  void add(const std::string& lines, const std::string& host = "web-1") {
    const auto ran = towlctl({"append", "--store", "mirror", "--log-format", "text", "--sender", host}, lines);
    ASSERT_EQ(ran.code, 0) << ran.err;
  }

  void start() {
    ui_ = std::make_unique<Process>(Words{TOWLCTL_PROGRAM, "ui"},
                                    RunOptions{.environment = environment(), .folder = folder_.path()});
    ASSERT_TRUE(eventually([&] { return ui_->out().ends_with("/\n") || !ui_->running(); })) << ui_->err();
    const std::string url = ui_->out();
    ASSERT_THAT(url, StartsWith("http://127.0.0.1:"));
    address_ = url.substr(7, url.size() - 9);
  }

  static std::string request(const std::string& line) { return line + " HTTP/1.1\r\nHost: localhost\r\n\r\n"; }
  HttpAnswer get(const std::string& path) const { return HttpClient(address_).ask(request("GET " + path)); }

  TempFolder folder_;
  std::unique_ptr<Process> ui_;
  std::string address_;
};

TEST_F(Ui, ShowsAMirrorAsACollectorShowsItsStore) {
  add("disk full\nall is well\n");
  start();
  EXPECT_EQ(get("/").status, 200);
  EXPECT_THAT(get("/").head, HasSubstr("text/html"));
  const auto found = json::parse(get("/query?query=disk").body);
  ASSERT_EQ(found["entries"].size(), 1u);
  EXPECT_EQ(found["entries"][0]["sender"], "web-1");
  EXPECT_EQ(json::parse(get("/files").body)["files"][0]["count"], 2);
  EXPECT_EQ(json::parse(get("/query?query=*|count()%20n").body)["rows"][0]["n"], 2);
  EXPECT_EQ(json::parse(get("/query/histogram?step=1h").body)["rows"][0]["hits"], 2);
  EXPECT_EQ(json::parse(get("/query/patterns").body)["rows"].size(), 2);
  const std::string uuid = found["entries"][0]["file_uuid"];
  EXPECT_EQ(json::parse(get("/entry/" + uuid + "/1").body)["log_entry"], "all is well");
  EXPECT_EQ(get("/ingest").status, 404);
  EXPECT_EQ(HttpClient(address_).ask(request("POST /query")).status, 405);
  ui_->signal(SIGINT);
  EXPECT_EQ(ui_->wait(), 130);
}

TEST_F(Ui, TheTailGoesOnAsTheMirrorGrows) {
  add("one\n");
  start();
  HttpClient client(address_);
  EXPECT_EQ(client.ask(request("GET /tail")).status, 200);
  client.until("\n\n");
  add("two\n");
  EXPECT_THAT(client.until("two"), HasSubstr("two"));
  add("three\n", "web-2");
  EXPECT_THAT(client.until("three"), HasSubstr("web-2"));
}

TEST_F(Ui, IsForThisHostAlone) {
  add("one\n");
  start();
  EXPECT_EQ(HttpClient(address_).ask("GET /query HTTP/1.1\r\nHost: evil.example\r\n\r\n").status, 421);
  EXPECT_EQ(HttpClient(address_).ask("GET /query HTTP/1.1\r\nHost: localhost:1\r\n\r\n").status, 200);
  const auto open = towlctl({"ui", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(open.code, 2);
  EXPECT_THAT(open.err, HasSubstr("for this host alone"));
  const auto missing = towlctl({"ui", "--store", "missing"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("towlctl sync"));
}

}  // namespace
}  // namespace towl::test
