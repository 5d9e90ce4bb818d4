// Which configurations are closed enough to start, and which doors listen at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/collector.hpp"
#include "support/tls_site.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;
using towld::Scope;

class Exposure : public testing::Test {
 protected:
  TlsSite site_;
};

TEST_F(Exposure, HalfConfiguredIsRefused) {
  site_.add_token({.name = "any", .scopes = {Scope::read}});
  site_.write("empty", "# no tokens\n");
  site_.write("broken", "nonsense\n");
  const std::string pair =
      "cert: \"" + (site_ / "server.pem").string() + "\", key: \"" + (site_ / "server.key").string() + "\"";
  const std::string tls = "tls: { " + pair + " }";
  const std::string auth = "auth: { tokens_file: \"" + (site_ / "tokens").string() + "\" }\n";
  const std::string far = "listen: { grpc: \"0.0.0.0:50011\"";
  const std::string no_grpc = "listen: { grpc: none, http: none }\n";
  const auto check = [&](const std::string& yaml) {
    site_.write("c.yaml", "store: { path: \"" + (site_ / "nowhere").string() + "\" }\n" + yaml);
    return run({TOWLD_PROGRAM, "--config", site_ / "c.yaml", "--check-config"});
  };
  const auto good = [&](const std::string& yaml) {
    const auto ran = check(yaml);
    EXPECT_EQ(ran.code, 0) << yaml << ran.err;
  };
  const auto bad = [&](const std::string& yaml, const std::string& why) {
    const auto ran = check(yaml);
    EXPECT_EQ(ran.code, 2) << yaml;
    EXPECT_THAT(ran.err, HasSubstr(why)) << yaml;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  };
  good("listen: { grpc: \"127.0.0.1:50011\" }\n");
  good(far + ", " + tls + " }\n" + auth);
  good(far + " }\ninsecure: true\n");
  good("listen: { " + tls + " }\n");
  good(no_grpc);
  bad(far + " }\n", "TLS (listen.tls) and tokens");
  bad(far + " }\n" + auth, "tokens must not travel in the clear");
  bad(far + ", " + tls + " }\n", "it lacks tokens");
  bad("listen: { http: \"[::]:3037\" }\n", "TLS (listen.tls) and tokens");
  bad("listen: { tls: { cert: \"" + (site_ / "server.pem").string() + "\" } }\n", "both cert and key are needed");
  bad("listen: { tls: { cert: /nowhere.pem, key: /nowhere.key } }\n", "/nowhere.pem");
  bad("auth: { tokens_file: \"" + (site_ / "empty").string() + "\" }\n", "there is no token in it");
  bad("auth: { tokens_file: \"" + (site_ / "broken").string() + "\" }\n", "broken:1");
  bad("auth: { tokens_file: \"" + (site_ / "missing").string() + "\" }\n", "missing");
  bad("auth: { token_file: x }\n", "did you mean \"tokens_file\"");
  // Half configured is wrong even if everything is allowed.
  bad(far + " }\ninsecure: true\nauth: { tokens_file: \"" + (site_ / "empty").string() + "\" }\n", "no token in it");
  const auto syslog = [&](const std::string& keys) { return no_grpc + "inputs: [{ type: syslog, " + keys + " }]\n"; };
  good(syslog("listen: \"udp://127.0.0.1:5514\""));
  good(syslog("listen: \"udp://0.0.0.0:5514\", allow: [10.0.0.0/8, 192.0.2.7, \"fd00::/8\"]"));
  good(syslog("listen: \"tls://0.0.0.0:6514\", tls: { " + pair + ", client_ca: \"" + (site_ / "ca.pem").string() +
              "\" }"));
  bad(syslog("listen: \"udp://0.0.0.0:5514\""), "allow: [NETWORK");
  bad(syslog("listen: \"tcp://0.0.0.0:5514\""), "allow: [NETWORK");
  bad(syslog("listen: \"tls://0.0.0.0:6514\", tls: { " + pair + " }"), "tls.client_ca");
  for (const char* network : {"10.0.0.0/33", "10.0.0.7/8", "10.0.0/8", "ten", "::/129", "10.0.0.0/-1", "10.0.0.0/"}) {
    bad(syslog(std::string("listen: \"udp://127.0.0.1:5514\", allow: [\"") + network + "\"]"), "is no network");
  }
}

TEST_F(Exposure, AnAgentListensNowhere) {
  site_.write("agent.yaml", "store: { path: \"" + (site_ / "agent").string() + "\" }\ninputs: [{ type: stdin }]\n" +
                                "outputs: [{ type: towl, remote: \"127.0.0.1:1\" }]\n");
  const auto printed = run({TOWLD_PROGRAM, "--config", site_ / "agent.yaml", "--print-config"});
  EXPECT_THAT(printed.out, HasSubstr("grpc: \"none\""));
  EXPECT_THAT(printed.out, HasSubstr("http: \"none\""));
  Process agent({TOWLD_PROGRAM, "--config", site_ / "agent.yaml"}, {.input = "one\n"});
  EXPECT_TRUE(eventually([&] { return agent.err().find("listening on no address") != std::string::npos; }))
      << agent.err();
  // What it is told to take over HTTP, it listens for.
  site_.write("agent.yaml", "inputs: [{ type: http }]\noutputs: [{ type: towl, remote: \"127.0.0.1:1\" }]\n");
  EXPECT_THAT(run({TOWLD_PROGRAM, "--config", site_ / "agent.yaml", "--print-config"}).out,
              HasSubstr("http: \"127.0.0.1:3037\""));
}

}  // namespace
}  // namespace towl::test
