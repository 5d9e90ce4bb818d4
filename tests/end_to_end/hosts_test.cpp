// Three hosts: a collector, an agent and a laptop, set up as the README says, in network namespaces of their own. Real
// TLS, real tokens; nothing but the network is shared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/temp_folder.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Three namespaces that reach each other through a bridge; gone with it.
class Network {
 public:
  static constexpr const char* kCollector = "10.231.77.1";

  /// Why there are none; "" if there are.
  std::string make() {
    if (geteuid() != 0) return "only root may make network namespaces";
    const std::string commands =
        "set -e\n"
        "ip link add " +
        name("br") +
        " type bridge\n"
        "ip link set " +
        name("br") +
        " up\n"
        "for i in 1 2 3; do\n"
        "  ip netns add " +
        name("$i") +
        "\n"
        "  ip link add " +
        name("v$i") + " type veth peer name eth0 netns " + name("$i") +
        "\n"
        "  ip link set " +
        name("v$i") + " master " + name("br") +
        " up\n"
        "  ip -n " +
        name("$i") +
        " link set lo up\n"
        "  ip -n " +
        name("$i") +
        " addr add 10.231.77.$i/24 dev eth0\n"
        "  ip -n " +
        name("$i") +
        " link set eth0 up\n"
        "done\n";
    const auto made = run({"sh", "-c", commands});
    return made.code == 0 ? "" : "no network namespaces here: " + made.err;
  }

  ~Network() {
    run({"sh", "-c",
         "for i in 1 2 3; do ip netns del " + name("$i") + "; ip link del " + name("v$i") + "; done; ip link del " +
             name("br")});
  }

  /// A command line that runs on host 1, 2 or 3.
  std::vector<std::string> on(int host, std::vector<std::string> line) const {
    line.insert(line.begin(), {"ip", "netns", "exec", name(std::to_string(host))});
    return line;
  }

 private:
  /// Names of links have 15 characters.
  static std::string name(const std::string& what) { return "towl" + std::to_string(getpid() % 100'000) + what; }
};

class Hosts : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = network_.make(); !why.empty()) GTEST_SKIP() << why;
  }

  /// Runs on `host`, with a home of its own.
  ProcessResult run_on(int host, std::vector<std::string> line, const std::string& input = "") {
    return run(network_.on(host, std::move(line)), {.environment = environment(host), .input = input});
  }
  std::unique_ptr<Process> start_on(int host, std::vector<std::string> line) {
    return std::make_unique<Process>(network_.on(host, std::move(line)), RunOptions{.environment = environment(host)});
  }
  std::map<std::string, std::string> environment(int host) const {
    const std::string home = folder_ / ("home" + std::to_string(host));
    return {{"HOME", home}, {"XDG_CONFIG_HOME", home + "/.config"}, {"TOWL_TOKEN", ""}, {"TOWL_TOKEN_FILE", ""}};
  }
  static bool listens(Process& process) {
    return eventually([&] { return process.err().find("listening on ") != std::string::npos; });
  }
  /// The word after `mark` in what init printed; `nth` from 0.
  static std::string word_after(const std::string& text, const std::string& mark, int nth = 0) {
    std::size_t at = 0;
    for (int i = 0; i <= nth; ++i) at = text.find(mark, at) + mark.size();
    return text.substr(at, text.find_first_of(" \n", at) - at);
  }

  TempFolder folder_;
  Network network_;
};

TEST_F(Hosts, ACollectorAnAgentAndALaptop) {
  // The collector.
  const auto made = run_on(1, {TOWLD_PROGRAM, "init", "--collector", "--dir", folder_ / "etc1", "--store",
                               folder_ / "store1", "--name", Network::kCollector});
  ASSERT_EQ(made.code, 0) << made.err;
  const std::string sha256 = word_after(made.out, "--ca-sha256 ");
  const std::string ingest_token = word_after(made.out, "token: ", 0);
  const std::string read_token = word_after(made.out, "token: ", 1);
  ASSERT_EQ(sha256.size(), 64u) << made.out;
  const auto collector = start_on(1, {TOWLD_PROGRAM, "--config", folder_ / "etc1" / "towld.yaml"});
  ASSERT_TRUE(listens(*collector)) << collector->err();

  // The agent: another CA is not believed, a token that is none not taken.
  const std::vector<std::string> init_agent = {TOWLD_PROGRAM, "init",           "--agent", Network::kCollector,
                                               "--dir",       folder_ / "etc2", "--store", folder_ / "store2",
                                               "--ca-sha256"};
  const auto with = [](std::vector<std::string> line, const std::string& last) {
    line.push_back(last);
    return line;
  };
  const auto wrong = run_on(2, with(init_agent, std::string(64, 'a')), ingest_token + "\n");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("shows no CA with that SHA-256"));
  EXPECT_THAT(run_on(2, with(init_agent, sha256), "nonsense\n").err, HasSubstr("that is no token"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "etc2" / "agent.token"));
  const auto set_up = run_on(2, with(init_agent, sha256), ingest_token + "\n");
  ASSERT_EQ(set_up.code, 0) << set_up.err;
  for (const char* secret : {"agent.token", "agent-ca.pem"}) {
    EXPECT_EQ(std::filesystem::status(folder_ / "etc2" / secret).permissions(), std::filesystem::perms(0600)) << secret;
  }
  // What it collects: a file.
  const std::string log = folder_ / "app.log";
  std::ofstream(log) << "one\ntwo\n";
  std::string yaml;
  {
    std::ifstream stream(folder_ / "etc2" / "agent.yaml");
    yaml.assign(std::istreambuf_iterator<char>(stream), {});
  }
  const std::string journald = "{ type: journald }";
  ASSERT_NE(yaml.find(journald), std::string::npos) << yaml;
  yaml.replace(yaml.find(journald), journald.size(), "{ type: file, include: [\"" + log + "\"] }");
  std::ofstream(folder_ / "etc2" / "agent.yaml") << yaml;
  const auto agent = start_on(2, {TOWLD_PROGRAM, "--config", folder_ / "etc2" / "agent.yaml"});
  ASSERT_TRUE(eventually([&] { return agent->err().find("connected to") != std::string::npos; })) << agent->err();
  EXPECT_THAT(agent->err(), HasSubstr("listening on no address"));

  // The laptop.
  const auto client =
      run_on(3, {TOWLD_PROGRAM, "init", "--client", Network::kCollector, "--ca-sha256", sha256}, read_token + "\n");
  ASSERT_EQ(client.code, 0) << client.err;
  const auto sync = [&] {
    return run_on(3, {TOWLCTL_PROGRAM, "sync", "--server", Network::kCollector, "--store", folder_ / "mirror"});
  };
  const auto texts = [&] { return run_on(3, {TOWLCTL_PROGRAM, "cat", "--store", folder_ / "mirror"}).out; };
  ASSERT_TRUE(eventually([&] { return sync().code == 0 && texts() == "one\ntwo\n"; })) << sync().err << texts();
  std::ofstream(log, std::ios::app) << "three\n";
  EXPECT_TRUE(eventually([&] { return sync().code == 0 && texts() == "one\ntwo\nthree\n"; })) << sync().err;

  // Strangers: without a token, with the agent's, in the clear, by another CA.
  const auto stranger = [&](std::vector<std::string> options, const std::string& token) {
    std::vector<std::string> line = {TOWLCTL_PROGRAM,     "sync",    "--server",
                                     Network::kCollector, "--store", folder_ / "stolen"};
    line.insert(line.end(), options.begin(), options.end());
    return run(network_.on(2, std::move(line)),
               {.environment = {{"HOME", folder_ / "nobody"}, {"XDG_CONFIG_HOME", ""}, {"TOWL_TOKEN", token}}});
  };
  const std::string ca = folder_ / "etc1" / "ca.pem";
  EXPECT_THAT(stranger({"--ca", ca}, "").err, HasSubstr("UNAUTHENTICATED"));
  EXPECT_THAT(stranger({"--ca", ca}, ingest_token).err, HasSubstr("PERMISSION_DENIED"));
  EXPECT_THAT(stranger({"--plaintext"}, "").err, HasSubstr("cannot reach a collector"));
  EXPECT_THAT(stranger({"--plaintext"}, read_token).err, HasSubstr("must not travel in the clear"));
  EXPECT_THAT(stranger({}, read_token).err, HasSubstr("cannot reach a collector"));
  EXPECT_THAT(stranger({"--ca", ca, "--server-name", "other.example"}, read_token).err,
              HasSubstr("cannot reach a collector"));
  const auto trusting = stranger({"--insecure-skip-verify"}, read_token);
  EXPECT_EQ(trusting.code, 0) << trusting.err;

  // On the collector's own host its administrator needs nothing.
  const auto retain = run_on(1, {TOWLCTL_PROGRAM, "retain", "-n", "--server", "127.0.0.1:50011", "--ca", ca});
  EXPECT_EQ(retain.code, 0) << retain.err;

  // The agent's token is revoked: it hears so, keeps what it has, and goes on with another.
  EXPECT_EQ(run_on(1, {TOWLD_PROGRAM, "token", "revoke", "agents", "--config", folder_ / "etc1" / "towld.yaml"}).code,
            0);
  ASSERT_TRUE(eventually([&] { return agent->err().find("a good token is needed") != std::string::npos; }))
      << agent->err();
  std::ofstream(log, std::ios::app) << "four\n";
  const auto again = run_on(1, {TOWLD_PROGRAM, "token", "create", "--scope", "ingest", "--name", "agents-2", "--config",
                                folder_ / "etc1" / "towld.yaml"});
  ASSERT_EQ(again.code, 0) << again.err;
  std::ofstream(folder_ / "etc2" / "agent.token") << again.out;
  EXPECT_TRUE(
      eventually([&] { return sync().code == 0 && texts() == "one\ntwo\nthree\nfour\n"; }, std::chrono::seconds(60)))
      << agent->err();

  EXPECT_THAT(collector->err(), Not(HasSubstr("towl_")));
  EXPECT_THAT(agent->err(), Not(HasSubstr("towl_")));
  agent->signal(SIGTERM);
  EXPECT_EQ(agent->wait(), 0);
  collector->signal(SIGTERM);
  EXPECT_EQ(collector->wait(), 0);
  // Once more on the collector: the certificate is renewed, the rest stays.
  const auto renewed = run_on(1, {TOWLD_PROGRAM, "init", "--collector", "--dir", folder_ / "etc1", "--store",
                                  folder_ / "store1", "--name", Network::kCollector});
  EXPECT_THAT(renewed.out, HasSubstr(sha256));
  EXPECT_THAT(renewed.out, Not(HasSubstr("towl_")));
}

}  // namespace
}  // namespace towl::test
