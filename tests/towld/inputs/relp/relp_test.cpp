// RELP: frames, answers after storing, and bytes that are not RELP.
#include <random>

#include "inputs/relp/relp_framer.hpp"
#include "inputs/relp/relp_session.hpp"
#include "towld/inputs/stream/stream_fixture.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// "NUMBER COMMAND DATA" of each frame, and "!" for bytes that are none.
std::vector<std::string> frames(const std::vector<std::string>& parts, std::size_t limit = 1000) {
  RelpFramer framer(limit);
  std::vector<std::string> all;
  for (const std::string& part : parts) {
    std::string_view input = part;
    RelpFrame frame;
    RelpFramer::Step step = RelpFramer::Step::more;
    while ((step = framer.next(input, frame)) == RelpFramer::Step::frame) {
      all.push_back(std::string(frame.transaction) + " " + std::string(frame.command) + " " + std::string(frame.data) +
                    (frame.data_bytes > frame.data.size() ? " of " + std::to_string(frame.data_bytes) : ""));
    }
    if (step == RelpFramer::Step::broken) {
      all.emplace_back("!");
      break;
    }
  }
  return all;
}

TEST(RelpFramer, CutsAStreamHoweverItComes) {
  const std::string stream = "1 open 3 a b\n2 syslog 6 one\ntwo\n3 syslog 0\n4 syslog 0 \n123456789 close 0\n";
  // The newline within the data is data; that after it ends the frame.
  const std::string good = "1 open 3 a b\n2 syslog 7 one\ntwo\n3 syslog 0\n4 syslog 0 \n123456789 close 0\n";
  const std::vector<std::string> expected = {"1 open a b", "2 syslog one\ntwo", "3 syslog ", "4 syslog ",
                                             "123456789 close "};
  EXPECT_EQ(frames({good}), expected);
  for (std::size_t cut = 1; cut < good.size(); ++cut) {
    ASSERT_EQ(frames({good.substr(0, cut), good.substr(cut)}), expected) << cut;
  }
  std::vector<std::string> bytes;
  for (const char c : good) bytes.emplace_back(1, c);
  EXPECT_EQ(frames(bytes), expected);
  EXPECT_EQ(frames({stream}).back(), "!") << "the length is that of the data";
}

TEST(RelpFramer, CutsWhatIsLongerThanTheLimit) {
  EXPECT_THAT(frames({"1 syslog 10 0123456789\n2 syslog 2 ab\n"}, 4),
              ElementsAre("1 syslog 0123 of 10", "2 syslog ab"));
  EXPECT_THAT(frames({"1 syslog 10 012", "345", "6789\n2 syslog 2 ab\n"}, 4),
              ElementsAre("1 syslog 0123 of 10", "2 syslog ab"));
}

TEST(RelpFramer, RefusesWhatIsNoFrame) {
  for (const char* wrong :
       {"\n", "GET / HTTP/1.1\r\n", "1 syslog 1 ab\n", "1  syslog 1 a\n", "1 syslog -1 a\n", "1 syslog 1\n",
        "x syslog 1 a\n", "1234567890 syslog 1 a\n", "1 syslog 9999999999 a\n", "1 sys-log 1 a\n", " 1 syslog 1 a\n",
        "<34>1 2026 a", "1 abcdefghijklmnopqrstuvwxyzabcdefghi 1 a\n", "1 syslog 1 a1 syslog"}) {
    EXPECT_EQ(frames({wrong}).back(), "!") << wrong;
  }
  EXPECT_THAT(frames({"1 syslog 999999999 a"}), IsEmpty());
}

class RelpTest : public StreamFixture {
 protected:
  void start(const StreamLimits& limits = {}) {
    StreamFixture::start(relp_sessions(*towl::TimeZone::load("UTC"), 1000), {.listen = "tcp://127.0.0.1:0"}, limits);
  }
  static std::string message(int number, const std::string& text) {
    const std::string data = "<34>1 2026-11-21T09:58:00Z web-1 app 7 - - " + text;
    return std::to_string(number) + " syslog " + std::to_string(data.size()) + " " + data + "\n";
  }
  static std::string opened() {
    const std::string offers = "200 OK\nrelp_version=0\nrelp_software=towl\ncommands=syslog";
    return "1 rsp " + std::to_string(offers.size()) + " " + offers + "\n";
  }
};

const std::string kOpenFrame = [] {
  const std::string offers = "relp_version=0\ncommands=syslog";
  return "1 open " + std::to_string(offers.size()) + " " + offers + "\n";
}();

TEST_F(RelpTest, AnswersEachMessageOnceItIsStored) {
  start();
  StreamClient client(port());
  ASSERT_TRUE(client.send(kOpenFrame));
  EXPECT_EQ(client.receive(opened().size()), opened());
  block_writer();
  ASSERT_TRUE(client.send(message(2, "one") + message(3, "two")));
  EXPECT_TRUE(client.is_silent());
  release_writer();
  EXPECT_EQ(client.receive(30), "2 rsp 6 200 OK\n3 rsp 6 200 OK\n");
}

TEST_F(RelpTest, ClosesAsTheProtocolHasIt) {
  start();
  StreamClient client(port());
  ASSERT_TRUE(client.send(kOpenFrame + message(2, "one") + "3 nothing 0\n4 close 0\n"));
  EXPECT_EQ(client.rest(),
            opened() + "2 rsp 6 200 OK\n3 rsp 28 500 the command is not known\n4 rsp 0\n0 serverclose 0\n");
  stop();
  EXPECT_THAT(texts(), ElementsAre(HasSubstr(R"("MESSAGE":"one")")));
  EXPECT_THAT(texts(), ElementsAre(StartsWith("web-1 ")));
  expect_all_counted();
}

TEST_F(RelpTest, WhatIsNoRelpEndsTheConnection) {
  start();
  {
    StreamClient client(port());
    ASSERT_TRUE(client.send("<34>1 2026-11-21T09:58:00Z web-1 app 7 - - plain syslog\n"));
    EXPECT_EQ(client.rest(), "");
  }
  {
    StreamClient client(port());
    ASSERT_TRUE(client.send(message(1, "before open")));
    EXPECT_EQ(client.rest(), "1 rsp 20 500 open comes first\n");
  }
  EXPECT_TRUE(towl::test::eventually([&] { return counters().rejected >= 1; }));
  EXPECT_THAT(rejected(), ElementsAre("not RELP"));
  EXPECT_THAT(texts(), IsEmpty());
  expect_all_counted();
}

TEST_F(RelpTest, AStopAnswersWhatHasArrived) {
  start();
  StreamClient client(port());
  std::string many = kOpenFrame;
  for (int i = 2; i < 3000; ++i) many += message(i, "x");
  ASSERT_TRUE(client.send(many));
  stop();
  const std::string answers = client.rest();
  std::size_t answered = 0;
  for (std::size_t at = 0; (at = answers.find("200 OK\n", at)) != std::string::npos; ++at) ++answered;
  EXPECT_GE(counters().stored, 1u);
  EXPECT_GE(counters().stored + 1, answered);
  expect_all_counted();
}

// A client that sends and never reads costs no memory: it is not read on.
TEST_F(RelpTest, AClientThatTakesNoAnswersIsClosed) {
  StreamLimits limits;
  limits.untaken = std::chrono::seconds(1);
  start(limits);
  StreamClient client(port());
  ASSERT_TRUE(client.send(kOpenFrame));
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "2 syslog 1 x\n";
  while (client.send(many)) continue;  // Until it is closed.
  EXPECT_EQ(input_->status().counts.at(4).second, 1u);
}

TEST_F(RelpTest, RandomBytesDoNoHarm) {
  start();
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 50; ++i) {
    StreamClient client(port());
    std::string bytes = kOpenFrame + message(2, "x");
    for (int flips = 0; flips < 5; ++flips) bytes[random() % bytes.size()] = static_cast<char>(random());
    client.send(bytes);
    client.end_sending();
    client.rest();
  }
  stop();
  expect_all_counted();
}

}  // namespace
}  // namespace towld
