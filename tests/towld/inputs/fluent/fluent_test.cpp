// Fluent forward: its forms, acknowledgements after storing, the handshake, and hostile bytes.
#include <openssl/evp.h>
#include <zlib.h>

#include <random>

#include "inputs/fluent/fluent_session.hpp"
#include "inputs/fluent/message_pack.hpp"
#include "towld/inputs/stream/stream_fixture.hpp"

namespace towld {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// ---- MessagePack, as bytes.

std::string big_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}
std::string str(const std::string& text) {
  if (text.size() < 32) return static_cast<char>(0xA0 | text.size()) + text;
  return '\xDB' + big_endian(text.size(), 4) + text;
}
std::string bin(const std::string& bytes) { return '\xC6' + big_endian(bytes.size(), 4) + bytes; }
std::string number(std::uint64_t value) { return '\xCF' + big_endian(value, 8); }
std::string event_time(std::uint32_t seconds, std::uint32_t nanoseconds) {
  return std::string("\xD7\x00", 2) + big_endian(seconds, 4) + big_endian(nanoseconds, 4);
}
std::string array(const std::vector<std::string>& items) {
  std::string text = '\xDD' + big_endian(items.size(), 4);
  for (const auto& item : items) text += item;
  return text;
}
std::string map(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string text = '\xDE' + big_endian(members.size(), 2);
  for (const auto& [name, value] : members) text += str(name) + value;
  return text;
}
std::string record(const std::string& text) { return map({{"message", str(text)}}); }
std::string ack(const std::string& chunk) {
  return "\x81\xA3"
         "ack" +
         str(chunk);
}

std::string gzip(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(MessagePack, ScannerFindsEndsHoweverTheBytesCome) {
  const std::string value = array({str("tag"), array({array({number(1), record(std::string(100, 'x'))})}),
                                   map({{"a", bin("123")}, {"e", event_time(1, 2)}})});
  const std::string two = value + value;
  MessagePackScanner scanner;
  for (int round = 0; round < 2; ++round) {
    std::size_t end = 0;
    for (std::size_t size = 1; size < value.size(); ++size) {
      ASSERT_EQ(scanner.scan(std::string(two, 0, size), end), MessagePackScanner::Step::more) << size;
    }
    ASSERT_EQ(scanner.scan(two, end), MessagePackScanner::Step::whole);
    EXPECT_EQ(end, value.size());
  }
  std::size_t end = 0;
  EXPECT_EQ(MessagePackScanner().scan(std::string(100'000, '\x91'), end), MessagePackScanner::Step::broken);
  EXPECT_EQ(MessagePackScanner().scan("\xC1", end), MessagePackScanner::Step::broken);
}

/// What the reader makes of a map: NAME=VALUE, JSON values in < >.
std::string members_of(const std::string& bytes) {
  MessagePackReader reader;
  std::size_t at = 0;
  if (!reader.read(bytes, at)) return "!";
  std::string all;
  for (const auto& member : reader.members()) {
    const bool is_text = member.kind == towl::JsonKind::string;
    all += std::string(member.name) + "=" +
           (is_text ? std::string(member.text) : "<" + std::string(member.json) + ">") + " ";
  }
  return all + (at == bytes.size() ? "" : "…");
}

TEST(MessagePack, ReaderReadsEveryKind) {
  EXPECT_EQ(
      members_of(map({{"s", str("x")}, {"b", bin("y")}, {"", str("")}, {"n", "\xC0"}, {"t", "\xC3"}, {"f", "\xC2"}})),
      "s=x b=y = n=<null> t=<true> f=<false> ");
  EXPECT_EQ(members_of(map({{"u", number(UINT64_MAX)},
                            {"i", '\xD3' + big_endian(static_cast<std::uint64_t>(INT64_MIN), 8)},
                            {"small", "\xFF"},
                            {"d", '\xCB' + big_endian(0x3FF8000000000000, 8)},
                            {"nan", '\xCB' + big_endian(0x7FF8000000000000, 8)}})),
            R"(u=<18446744073709551615> i=<-9223372036854775808> small=<-1> d=<1.5> nan=<"nan"> )");
  EXPECT_EQ(
      members_of(map({{"m", map({{"a\"", str("[")}, {"b", array({"\x01", str("{"), map({})})}})}, {"e", array({})}})),
      R"(m=<{"a\"":"[","b":[1,"{",{}]}> e=<[]> )");
  EXPECT_EQ(members_of(map({{"m", "\x82\x07\xA1x\xC0\x08"}, {"x", std::string("\xD4\x05\x7F", 3)}})),
            R"(m=<{"7":"x","null":8}> x=<"7f"> )");
  EXPECT_EQ(members_of("\x81\x07\xA1x"), "7=x ");
  EXPECT_EQ(members_of("\x81\x91\x01\xA1x"), "!") << "a list as a name";
  EXPECT_EQ(members_of(map({{"deep", std::string(70, '\x91') + "\x01"}})), "!");
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 2000; ++i) many.emplace_back(std::to_string(i), "\x01");
  EXPECT_EQ(members_of(map(many)), "!");
}

TEST(MessagePack, ReaderReadsTimes) {
  const auto time_of = [](const std::string& bytes) {
    MessagePackReader reader;
    std::size_t at = 0;
    EXPECT_TRUE(reader.read(bytes, at));
    return reader.time();
  };
  EXPECT_EQ(time_of(number(1'768'660'200)), 1'768'660'200'000'000'000);
  EXPECT_EQ(time_of(event_time(1'768'660'200, 5)), 1'768'660'200'000'000'005);
  EXPECT_EQ(time_of('\xCB' + big_endian(0x41DA5AE6AA000000, 8)).value() / 1'000'000'000, 1'768'659'624);
  EXPECT_EQ(time_of(event_time(1, 4'000'000'000)), std::nullopt);
  EXPECT_EQ(time_of(number(UINT64_MAX)), std::nullopt);
  EXPECT_EQ(time_of("\xFF"), std::nullopt);
  EXPECT_EQ(time_of(str("now")), std::nullopt);
}

class FluentTest : public StreamFixture {
 protected:
  void start(FluentSettings settings = {.message_bytes = 1 << 20}, towl::FileLayer* layer = nullptr) {
    StreamFixture::start(fluent_sessions(std::move(settings)), {.listen = "tcp://127.0.0.1:0"}, {}, layer);
  }
  /// Sends, and reads the acknowledgement of `chunk`.
  void send(const std::string& message, const std::string& chunk) {
    StreamClient client(port());
    ASSERT_TRUE(client.send(message));
    EXPECT_EQ(client.receive(ack(chunk).size()), ack(chunk));
  }
};

TEST_F(FluentTest, TakesAllForms) {
  start();
  const std::string entry_1 = array({event_time(1'768'660'200, 1), record("one")});
  const std::string entry_2 = array({number(1'768'660'201), record("two")});
  StreamClient client(port());
  ASSERT_TRUE(
      client.send(array({str("m"), event_time(1'768'660'200, 7), record("message"), map({{"chunk", str("1")}})})));
  ASSERT_TRUE(client.send("\xC0" + array({str("f"), array({entry_1, entry_2}), map({{"chunk", str("2")}})})));
  ASSERT_TRUE(client.send(array({str("p"), bin(entry_1 + entry_2), map({{"chunk", str("3")}, {"size", number(2)}})})));
  ASSERT_TRUE(client.send(array({str("s"), str(entry_1), map({{"chunk", str("4")}})})));
  ASSERT_TRUE(client.send(
      array({str("z"), bin(gzip(entry_1) + gzip(entry_2)), map({{"chunk", str("5")}, {"compressed", str("gzip")}})})));
  std::string all;
  for (const char* chunk : {"1", "2", "3", "4", "5"}) all += ack(chunk);
  EXPECT_EQ(client.receive(all.size()), all);
  stop();
  EXPECT_THAT(texts(),
              ElementsAre(R"(127.0.0.1 {"MESSAGE":"message","tag":"m"})", R"(127.0.0.1 {"MESSAGE":"one","tag":"f"})",
                          R"(127.0.0.1 {"MESSAGE":"two","tag":"f"})", R"(127.0.0.1 {"MESSAGE":"one","tag":"p"})",
                          R"(127.0.0.1 {"MESSAGE":"two","tag":"p"})", R"(127.0.0.1 {"MESSAGE":"one","tag":"s"})",
                          R"(127.0.0.1 {"MESSAGE":"one","tag":"z"})", R"(127.0.0.1 {"MESSAGE":"two","tag":"z"})"));
  EXPECT_EQ(entries()[0].time(), 1'768'660'200'000'000'007);
  EXPECT_EQ(entries()[2].time(), 1'768'660'201'000'000'000);
  expect_all_counted();
}

TEST_F(FluentTest, RecordsAreUnderstoodAsJsonIs) {
  start();
  send(array(
           {str("docker"),
            array({array({array({event_time(1'768'660'200, 1), map({})}), map({{"log", str("boom\n")},
                                                                               {"host", str("web-1")},
                                                                               {"level", str("error")},
                                                                               {"time", str("2020-01-01T00:00:00Z")},
                                                                               {"kubernetes", map({{"pod", str("a")}})},
                                                                               {"tag", str("its own")},
                                                                               {"n", number(5)}})}),
                   array({number(0), str("plain")}), array({number(0), map({{"a", "\x01"}})})}),
            map({{"chunk", str("x")}})}),
       "x");
  stop();
  const auto all = entries();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].sender, "web-1");
  EXPECT_EQ(all[0].time(), 1'768'660'200'000'000'001) << "the protocol's time, not the record's";
  for (const char* part :
       {R"("MESSAGE":"boom")", R"("PRIORITY":"3")", R"("kubernetes":{"pod":"a"})", R"("n":5)", R"("tag":"its own")"}) {
    EXPECT_THAT(all[0].log_entry, HasSubstr(part));
  }
  EXPECT_EQ(all[1].log_entry, R"({"MESSAGE":"plain","tag":"docker"})");
  EXPECT_EQ(all[2].log_entry, R"({"a":1,"tag":"docker"})");
}

TEST_F(FluentTest, AcknowledgesOnceItIsStored) {
  start();
  StreamClient client(port());
  block_writer();
  ASSERT_TRUE(client.send(array({str("t"), number(1), record("one"), map({{"chunk", str("c")}})})));
  EXPECT_TRUE(client.is_silent());
  release_writer();
  EXPECT_EQ(client.receive(ack("c").size()), ack("c"));
  // Without a chunk there is no answer; half a connection still has its answers.
  ASSERT_TRUE(client.send(array({str("t"), number(1), record("two")})));
  ASSERT_TRUE(client.send(array({str("t"), number(1), record("three"), map({{"chunk", str("d")}})})));
  client.end_sending();
  EXPECT_EQ(client.rest(), ack("d"));
  EXPECT_EQ(counters().stored, 3u);
}

TEST_F(FluentTest, OneBadEntryDoesNotTakeTheOthersWithIt) {
  start();
  const std::string good = array({number(1), record("good")});
  send(array({str("t"),
              array({good, "\x07", array({number(1)}),
                     array({number(1), map({{"d", std::string(70, '\x91') + "\x01"}})}), good}),
              map({{"chunk", str("1")}})}),
       "1");
  send(array({str("t"), bin(good + "\xC1" + good), map({{"chunk", str("2")}})}), "2");
  send(array({str("t"), bin(good.substr(0, good.size() - 1)), map({{"chunk", str("3")}})}), "3");
  send(array({str("t"), array({good}), map({{"chunk", str("4")}, {"fluent_signal", "\x01"}})}), "4");
  stop();
  EXPECT_EQ(counters().stored, 3u);
  EXPECT_EQ(counters().rejected, 6u);
  EXPECT_EQ(rejected().size(), 6u);
  expect_all_counted();
}

TEST_F(FluentTest, WhatIsNoMessageEndsTheConnection) {
  start({.message_bytes = 1000});
  const std::string gzip_text = gzip(array({number(1), record(std::string(100'000, 'x'))}));
  for (const std::string& wrong :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\x93\x01\x02\x03"), map({}), array({str("t")}), array({}),
        array({str("t"), number(1)}), std::string("\xC1"), array({str("t"), str(std::string(1001, 'x'))}),
        std::string(2000, '\x91'), array({str("t"), bin("not gzip"), map({{"compressed", str("gzip")}})}),
        array({str("t"), bin("x"), map({{"compressed", str("zstd")}})}),
        array({str("t"), bin(gzip_text), map({{"compressed", str("gzip")}})})}) {
    StreamClient client(port());
    client.send(wrong);
    EXPECT_EQ(client.rest(), "");
  }
  stop();
  EXPECT_EQ(counters().stored, 0u);
  EXPECT_EQ(rejected().size(), 12u);
  expect_all_counted();
}

std::string sha512(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned bytes = 0;
  EVP_Digest(text.data(), text.size(), digest, &bytes, EVP_sha512(), nullptr);
  std::string hexadecimal;
  for (unsigned i = 0; i < bytes; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", digest[i]);
    hexadecimal += two;
  }
  return hexadecimal;
}

TEST_F(FluentTest, WithASharedKeyBothSidesShowThatTheyKnowIt) {
  start({.message_bytes = 1 << 20, .shared_key = "secret"});
  const std::string head = "\x92\xA4HELO\x83\xA5nonce\xD9\x20";  // 32 digits: some clients take it for UTF-8.
  const auto nonce_of = [&](StreamClient& client) {
    const std::string helo = client.receive(head.size() + 32 + 6 + 11 + 1 - 1);
    EXPECT_THAT(helo, StartsWith(head));
    return helo.substr(head.size(), 32);
  };
  const auto ping = [](const std::string& digest) {
    return array({str("PING"), str("client"), str("salt"), str(digest), str(""), str("")});
  };
  {
    StreamClient client(port());
    const std::string nonce = nonce_of(client);
    ASSERT_TRUE(client.send(ping(sha512("saltclient" + nonce + "secret"))));
    const std::string digest = sha512("salttowld@this-machine" + nonce + "secret");
    const std::string pong = "\x95\xA4PONG\xC3\xA0\xB2towld@this-machine\xD9\x80" + digest;
    EXPECT_EQ(client.receive(pong.size()), pong);
    ASSERT_TRUE(client.send(array({str("t"), number(1), record("in"), map({{"chunk", str("c")}})})));
    EXPECT_EQ(client.receive(ack("c").size()), ack("c"));
  }
  for (const bool knows_protocol : {true, false}) {
    StreamClient client(port());
    const std::string nonce = nonce_of(client);
    ASSERT_TRUE(client.send(knows_protocol ? ping(sha512("saltclient" + nonce + "guessed"))
                                           : array({str("t"), number(1), record("not in")})));
    EXPECT_THAT(client.rest(), StartsWith("\x95\xA4PONG\xC2"));
  }
  stop();
  EXPECT_THAT(texts(), ElementsAre(HasSubstr("in")));
}

TEST_F(FluentTest, CutAndFlippedBytesDoNoHarm) {
  start({.message_bytes = 4096});
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string entry = array({event_time(1, 2), map({{"a", str("b")}, {"c", array({"\x01", map({})})}})});
  const std::string whole = array({str("t"), array({entry, entry}), map({{"chunk", str("1")}})}) +
                            array({str("t"), bin(entry + entry)}) + array({str("t"), number(1), record("x")});
  for (int i = 0; i < 100; ++i) {
    std::string bytes = whole.substr(0, 1 + random() % whole.size());
    for (int flips = i % 4; flips > 0; --flips) bytes[random() % bytes.size()] = static_cast<char>(random());
    StreamClient client(port());
    client.send(bytes);
    client.end_sending();
    client.rest();
  }
  stop();
  expect_all_counted();
}

}  // namespace
}  // namespace towld
