// towld as systemd starts it: what it says, the sockets that it is passed, and how its units are confined.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/un.h>

#include <fstream>

#include "support/stores.hpp"
#include "towld/inputs/syslog/syslog_fixture.hpp"

namespace towld {
namespace {

using testing::HasSubstr;
using towl::test::eventually;
using towl::test::Process;
using towl::test::TempFolder;

/// What systemd listens on for sd_notify(3).
class NotifySocket {
 public:
  explicit NotifySocket(const std::filesystem::path& path)
      : path_(path), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }

  const std::string& path() const { return path_; }

  /// The next message that has `text`, or "" if none comes.
  std::string wait_for(const std::string& text) {
    for (;;) {
      pollfd ready{socket_.get(), POLLIN, 0};
      if (poll(&ready, 1, 20'000) != 1) return "";
      char bytes[4096];
      const ssize_t got = recv(socket_.get(), bytes, sizeof bytes, 0);
      if (got < 0) return "";
      const std::string message(bytes, static_cast<std::size_t>(got));
      if (message.find(text) != std::string::npos) return message;
    }
  }

 private:
  std::string path_;
  Descriptor socket_;
};

TEST(Systemd, IsToldOfReadinessReloadsAndTheEnd) {
  const TempFolder folder;
  NotifySocket systemd(folder / "notify");
  Process towld({TOWLD_PROGRAM, "--store", folder / "store", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"},
                {.environment = {{"NOTIFY_SOCKET", systemd.path()}}});
  const std::string ready = systemd.wait_for("READY=1");
  EXPECT_THAT(ready, HasSubstr("STATUS=Listening on 127.0.0.1:")) << towld.err();
  towld.signal(SIGHUP);
  EXPECT_THAT(systemd.wait_for("RELOADING=1"), HasSubstr("\nMONOTONIC_USEC="));
  EXPECT_EQ(systemd.wait_for("READY=1"), ready);
  towld.signal(SIGTERM);
  EXPECT_THAT(systemd.wait_for("STOPPING=1"), HasSubstr("STATUS="));
  EXPECT_EQ(towld.wait(), 0);
}

TEST(Systemd, ItsWatchdogHearsFromTheProgram) {
  const TempFolder folder;
  NotifySocket systemd(folder / "notify");
  Process towld({TOWLD_PROGRAM, "--store", folder / "store", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"},
                {.environment = {{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "200000"}}});
  for (int i = 0; i < 3; ++i) EXPECT_NE(systemd.wait_for("WATCHDOG=1"), "") << towld.err();
  towld.signal(SIGTERM);
  EXPECT_EQ(towld.wait(), 0);
}

// A stream and a datagram socket as descriptors 3 and 4.
TEST(Systemd, PassesSocketsToTheSyslogInput) {
  const TempFolder folder;
  auto stream = open_listening_socket({.transport = Transport::tcp, .host = "127.0.0.1", .port = "0"});
  auto datagram = open_listening_socket({.transport = Transport::udp, .host = "127.0.0.1", .port = "0"});
  ASSERT_TRUE(stream && datagram);
  const auto port = [](const ListeningSocket& socket) {
    return std::stoi(socket.address.substr(socket.address.rfind(':') + 1));
  };
  std::ofstream(folder / "towld.yaml") << "inputs: [{ type: syslog, listen: systemd }]\n";
  const auto inheritable = [](const ListeningSocket& socket) {
    const int fd = dup(socket.descriptor.get());  // Without close-on-exec.
    return Descriptor(fd);
  };
  const Descriptor passed_stream = inheritable(*stream);
  const Descriptor passed_datagram = inheritable(*datagram);
  const std::string start =
      "exec 3<&" + std::to_string(passed_stream.get()) + " 4<&" + std::to_string(passed_datagram.get()) +
      "; LISTEN_PID=$$ LISTEN_FDS=2 exec \"$0\" --config \"$1\" --store \"$2\" --listen 127.0.0.1:0 --http 127.0.0.1:0";
  Process towld({"bash", "-c", start, TOWLD_PROGRAM, folder / "towld.yaml", folder / "store"});
  ASSERT_TRUE(eventually([&] { return towld.err().find("listening on udp://") != std::string::npos; })) << towld.err();
  EXPECT_THAT(towld.err(), HasSubstr("listening on tcp://" + stream->address));
  ASSERT_TRUE(SyslogClient(port(*stream)).send("<13>app: by stream\n"));
  ASSERT_TRUE(SyslogClient(port(*datagram), SOCK_DGRAM).send_datagram("<13>app: by datagram"));
  // What the sockets hold is taken at the end, no matter how early that comes.
  towld.signal(SIGTERM);
  EXPECT_EQ(towld.wait(), 0) << towld.err();
  std::string all;
  for (const auto& entry : towl::test::read_all(towl::Store::open(folder / "store").value())) all += entry.log_entry;
  EXPECT_THAT(all, HasSubstr("by stream"));
  EXPECT_THAT(all, HasSubstr("by datagram"));
}

TEST(Systemd, UnitsAreConfined) {
  for (const char* unit : {"towld.service", "towld-agent.service"}) {
    // The threshold is ten times the exposure level.
    const auto judged = towl::test::run({"systemd-analyze", "security", "--offline=true", "--threshold=20",
                                         "--no-pager", std::string(TOWL_UNITS_FOLDER) + "/" + unit});
    if (judged.code == 127) GTEST_SKIP() << "there is no systemd-analyze(1)";
    EXPECT_EQ(judged.code, 0) << judged.out << judged.err;
    EXPECT_THAT(judged.out, HasSubstr("Overall exposure level"));
  }
}

TEST(Systemd, UnitsAreWhatSystemdUnderstands) {
  for (const char* unit : {"towld.service", "towld-agent.service", "towld-syslog.socket"}) {
    const auto verified =
        towl::test::run({"systemd-analyze", "verify", "--man=no", std::string(TOWL_UNITS_FOLDER) + "/" + unit});
    if (verified.code == 127) GTEST_SKIP() << "there is no systemd-analyze(1)";
    // It does not matter here that the program is not installed.
    EXPECT_THAT(verified.err, testing::Not(HasSubstr("Unknown"))) << unit;
    EXPECT_THAT(verified.err, testing::Not(HasSubstr("Failed to parse"))) << unit;
  }
}

}  // namespace
}  // namespace towld
