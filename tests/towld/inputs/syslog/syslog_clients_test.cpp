// Real syslog clients send to the input: logger(1), rsyslog and syslog-ng. The latter two are unpacked from Debian's
// packages by tests/support/fetch-peers, not installed.
#include <fstream>

#include "support/certificates.hpp"
#include "towld/inputs/syslog/syslog_fixture.hpp"

namespace towld {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using towl::test::Process;
using towl::test::run;

constexpr int kLines = 200;

class SyslogClients : public SyslogFixture {
 protected:
  /// Runs logger(1).
  void log(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"logger", "-n", "127.0.0.1", "-P", std::to_string(port())});
    const auto ran = run(arguments);
    ASSERT_EQ(ran.code, 0) << ran.err;
  }

  /// Unpacks the peers; skips the test if they are not available.
  void fetch_peers() {
    const auto fetched = run({TOWL_FETCH_PEERS, TOWL_PEERS_FOLDER});
    if (fetched.code != 0) GTEST_SKIP() << fetched.err;
  }

  static std::string value(const nlohmann::json& entry, const std::string& field) {
    return entry.contains(field) ? entry[field].get<std::string>() : "-";
  }

  void write_config(const std::string& text) { std::ofstream(folder_ / "config") << text; }

  static std::string root() { return std::string(TOWL_PEERS_FOLDER) + "/root"; }

  std::map<std::string, std::string> environment() const {
    const std::string usr = root() + "/usr/lib/";
    return {{"LD_LIBRARY_PATH", usr + machine() + ":" + root() + "/lib/" + machine() + ":" + usr + "syslog-ng"}};
  }

  /// The folder in which Debian keeps libraries for this machine's kind.
  static std::string machine() {
    for (const auto& entry : std::filesystem::directory_iterator(root() + "/usr/lib")) {
      if (entry.path().filename().string().find("-linux-gnu") != std::string::npos) return entry.path().filename();
    }
    return "";
  }

  static std::vector<std::string> numbered_lines() {
    std::vector<std::string> lines;
    for (int i = 0; i < kLines; ++i) lines.push_back("line " + std::to_string(i) + " with \"quotes\" and [brackets]");
    return lines;
  }

  static std::string joined(const std::vector<std::string>& lines, const std::string& head = "") {
    std::string text;
    for (const auto& line : lines) text += head + line + "\n";
    return text;
  }

  /// rsyslog reads a file and forwards its lines, as `action` says.
  void forward_by_rsyslog(const std::string& action, const std::string& global = "") {
    std::ofstream(folder_ / "lines") << joined(numbered_lines());
    write_config("global(workDirectory=\"" + folder_.path().string() + "\" " + global + ")\n" +
                 "module(load=\"imfile\")\n" + "input(type=\"imfile\" File=\"" + (folder_ / "lines").string() +
                 "\" Tag=\"app:\" Severity=\"warning\" Facility=\"local3\")\n" +
                 "action(type=\"omfwd\" target=\"127.0.0.1\" port=\"" + std::to_string(port()) + "\" " + action +
                 ")\n");
    Process rsyslog({root() + "/usr/sbin/rsyslogd", "-n", "-f", folder_ / "config", "-i", folder_ / "pid", "-M",
                     root() + "/usr/lib/" + machine() + "/rsyslog"},
                    {.environment = environment()});
    ASSERT_TRUE(is_stored(kLines)) << counters().stored << " stored; rsyslog said: " << rsyslog.out() << rsyslog.err();
    rsyslog.signal(SIGTERM);
    rsyslog.wait();
    EXPECT_EQ(texts(), numbered_lines());
    for (const auto& entry : stored()) {
      ASSERT_EQ(value(entry, "SYSLOG_IDENTIFIER"), "app");
      ASSERT_EQ(value(entry, "PRIORITY"), "4");
      ASSERT_EQ(value(entry, "SYSLOG_FACILITY"), "19");
      ASSERT_FALSE(entry.contains("TOWL_UNPARSED"));
      ASSERT_TRUE(entry.contains("_SOURCE_REALTIME_TIMESTAMP"));
    }
    expect_all_counted();
  }

  /// syslog-ng reads a file of RFC 3164's lines and sends them to `destination`.
  void send_by_syslog_ng(const std::string& destination) {
    std::ofstream(folder_ / "lines") << joined(numbered_lines(), "<155>Nov 21 09:58:00 web-1 app[12]: ");
    write_config("@version: 3.38\noptions { keep-hostname(yes); };\nsource s { file(\"" + (folder_ / "lines").string() +
                 "\" follow-freq(0.1)); };\ndestination d { " + destination +
                 " };\nlog { source(s); destination(d); };\n");
    Process syslog_ng({root() + "/usr/sbin/syslog-ng", "-F", "-f", folder_ / "config", "--no-caps", "--module-path",
                       root() + "/usr/lib/syslog-ng/3.38", "-R", folder_ / "persist", "-p", folder_ / "pid", "-c",
                       folder_ / "control", "--stderr"},
                      {.environment = environment()});
    ASSERT_TRUE(is_stored(kLines)) << counters().stored << " stored; syslog-ng said: " << syslog_ng.err();
    EXPECT_EQ(texts(), numbered_lines());
    for (const auto& entry : stored()) {
      ASSERT_EQ(value(entry, "sender"), "web-1");
      ASSERT_EQ(value(entry, "SYSLOG_IDENTIFIER"), "app");
      ASSERT_EQ(value(entry, "SYSLOG_PID"), "12");
      ASSERT_EQ(value(entry, "PRIORITY"), "3");
    }
    expect_all_counted();
  }

  void start_tls() {
    if (!towl::test::make_certificate(folder_.path(), "server")) GTEST_SKIP() << "there is no openssl(1)";
    start(SyslogInputConfig{
        .listen = "tls://127.0.0.1:0",
        .tls = TlsConfig{.cert = folder_ / "server.pem", .key = folder_ / "server.key"},
    });
  }
};

#define FETCH_PEERS_OR_SKIP() \
  fetch_peers();              \
  if (IsSkipped()) return

TEST_F(SyslogClients, LoggerByUdp) {
  start("udp://127.0.0.1:0");
  log({"-d", "--rfc5424", "-t", "app", "-p", "local0.err", "first"});
  ASSERT_TRUE(is_stored(1));
  log({"-d", "--rfc3164", "-t", "app", "--id=77", "-p", "mail.info", "second"});
  ASSERT_TRUE(is_stored(2));
  const auto all = stored();
  EXPECT_THAT(texts(), ElementsAre("first", "second"));
  EXPECT_EQ(value(all[0], "SYSLOG_FACILITY"), "16");
  EXPECT_EQ(value(all[0], "PRIORITY"), "3");
  EXPECT_EQ(value(all[0], "SYSLOG_IDENTIFIER"), "app");
  EXPECT_EQ(value(all[0], "SD.timeQuality.tzKnown"), "1");
  EXPECT_EQ(value(all[1], "SYSLOG_PID"), "77");
  EXPECT_EQ(value(all[1], "SYSLOG_FACILITY"), "2");
  EXPECT_EQ(value(all[0], "sender"), value(all[1], "sender"));
}

TEST_F(SyslogClients, LoggerByTcpInBothFramings) {
  start("tcp://127.0.0.1:0");
  std::uint64_t count = 0;
  for (const char* format : {"--rfc5424", "--rfc3164"}) {
    log({"-T", format, "-t", "app", "by line"});
    ASSERT_TRUE(is_stored(++count));
    log({"-T", format, "--octet-count", "-t", "app", "counted"});
    ASSERT_TRUE(is_stored(++count));
  }
  EXPECT_THAT(texts(), ElementsAre("by line", "counted", "by line", "counted"));
}

TEST_F(SyslogClients, LoggerWithALargeMessageAndStructuredData) {
  start("tcp://127.0.0.1:0");
  const std::string text(100'000, 'x');
  std::ofstream(folder_ / "large") << text << "\n";
  log({"-T", "-S", "200KiB", "--rfc5424", "--octet-count", "--sd-id", "order@32473", "--sd-param", "id=\"4711\"", "-f",
       folder_ / "large"});
  ASSERT_TRUE(is_stored(1));
  EXPECT_THAT(texts(), ElementsAre(text));
  EXPECT_EQ(value(stored()[0], "SD.order@32473.id"), "4711");
}

TEST_F(SyslogClients, RsyslogByUdp) {
  FETCH_PEERS_OR_SKIP();
  start("udp://127.0.0.1:0");
  forward_by_rsyslog("protocol=\"udp\"");
}

TEST_F(SyslogClients, RsyslogByTcpInLines) {
  FETCH_PEERS_OR_SKIP();
  start("tcp://127.0.0.1:0");
  forward_by_rsyslog("protocol=\"tcp\" TCP_Framing=\"traditional\"");
}

TEST_F(SyslogClients, RsyslogByTcpCounted) {
  FETCH_PEERS_OR_SKIP();
  start("tcp://127.0.0.1:0");
  forward_by_rsyslog("protocol=\"tcp\" TCP_Framing=\"octet-counted\" template=\"RSYSLOG_SyslogProtocol23Format\"");
}

TEST_F(SyslogClients, RsyslogByTls) {
  FETCH_PEERS_OR_SKIP();
  start_tls();
  if (IsSkipped()) return;
  forward_by_rsyslog(
      "protocol=\"tcp\" TCP_Framing=\"octet-counted\" StreamDriver=\"ossl\" StreamDriverMode=\"1\" "
      "StreamDriverAuthMode=\"x509/name\" StreamDriverPermittedPeers=\"localhost\"",
      "DefaultNetstreamDriver=\"ossl\" DefaultNetstreamDriverCAFile=\"" + (folder_ / "server.pem").string() + "\"");
}

TEST_F(SyslogClients, SyslogNgByTcpInLines) {
  FETCH_PEERS_OR_SKIP();
  start("tcp://127.0.0.1:0");
  send_by_syslog_ng("network(\"127.0.0.1\" port(" + std::to_string(port()) + ") transport(\"tcp\"));");
}

TEST_F(SyslogClients, SyslogNgByTcpCounted) {
  FETCH_PEERS_OR_SKIP();
  start("tcp://127.0.0.1:0");
  send_by_syslog_ng("syslog(\"127.0.0.1\" port(" + std::to_string(port()) + ") transport(\"tcp\"));");
}

TEST_F(SyslogClients, SyslogNgByUdp) {
  FETCH_PEERS_OR_SKIP();
  start("udp://127.0.0.1:0");
  send_by_syslog_ng("network(\"127.0.0.1\" port(" + std::to_string(port()) + ") transport(\"udp\"));");
}

TEST_F(SyslogClients, SyslogNgByTls) {
  FETCH_PEERS_OR_SKIP();
  start_tls();
  if (IsSkipped()) return;
  send_by_syslog_ng("syslog(\"localhost\" port(" + std::to_string(port()) +
                    ") transport(\"tls\") tls(peer-verify(required-trusted) ca-file(\"" +
                    (folder_ / "server.pem").string() + "\")));");
}

}  // namespace
}  // namespace towld
