// Attacks on gRPC at the level of HTTP/2: frames that no gRPC client would send. Debian 12's gRPC 1.51 lacks the fixes
// of 2023. The promise is that of SECURITY.md: others are served, and memory is bounded and given back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "support/collector.hpp"
#include "support/freed_memory.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towld/http/http_client.hpp"

namespace towl::test {
namespace {

// RFC 9113, 6.
enum class Frame : std::uint8_t { headers = 1, reset = 3, settings = 4, ping = 6, continuation = 9 };
constexpr std::uint8_t kEndHeaders = 4;

std::string frame(Frame type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  const auto byte = [](std::uint64_t value) { return static_cast<char>(value & 0xFF); };
  std::string bytes = {byte(payload.size() >> 16), byte(payload.size() >> 8), byte(payload.size()),
                       static_cast<char>(type),    static_cast<char>(flags),  byte(stream >> 24),
                       byte(stream >> 16),         byte(stream >> 8),         byte(stream)};
  bytes += payload;
  return bytes;
}

/// A field that is not indexed (RFC 7541, 6.2.2); both parts shorter than 127 bytes.
std::string field(std::string_view name, std::string_view value) {
  std::string bytes = {'\0', static_cast<char>(name.size())};
  bytes += name;
  bytes += static_cast<char>(value.size());
  bytes += value;
  return bytes;
}

std::string request_headers() {
  return field(":method", "POST") + field(":scheme", "http") + field(":path", "/towl.v1.Towl/Append") +
         field(":authority", "localhost") + field("content-type", "application/grpc") + field("te", "trailers");
}

std::string preface() { return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(Frame::settings, 0, 0, ""); }

class HostileFrames : public testing::Test {
 protected:
  // What gRPC keeps of a flood differs from run to run, by hundreds of MiB: too much for every change.
  void SetUp() override {
    if (std::getenv("TOWL_TEST_FLOODS") == nullptr) GTEST_SKIP() << "SKIPPED: floods are for TOWL_TEST_FLOODS=1";
  }

  HostileFrames() { EXPECT_TRUE(append(collector_.stub(), {make_request({numbered_entry(0)})}).status.ok()); }

  /// Others are served while `attack` runs in a few connections; the memory that it took at most, and what is left.
  void expect_others_are_served(const std::function<void(HttpClient&)>& attack) {
    const std::uint64_t before = stats(collector_.stub()).resident_bytes();
    std::uint64_t most = before;
    {
      std::vector<std::jthread> attackers;
      for (int i = 0; i < 4; ++i) {
        attackers.emplace_back([&] {
          HttpClient client(collector_.address());
          // It may read no further: that is an end as well.
          const timeval patience{10, 0};
          ::setsockopt(client.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
          client.send(preface());
          attack(client);
        });
      }
      for (int i = 0; i < 20; ++i) {
        towl::v1::ListFilesResponse files;
        const auto status =
            ask_again([&](grpc::ClientContext& context) { return collector_.stub().ListFiles(&context, {}, &files); });
        EXPECT_TRUE(status.ok()) << status.error_message();
        most = std::max(most, std::uint64_t{stats(collector_.stub()).resident_bytes()});
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
    RecordProperty("most_mib", static_cast<int>((most - before) >> 20));
    // What was received and is not parsed yet: about 100 MiB a connection.
    if (!kKeepsFreedMemory) {
      EXPECT_LT(most, before + (std::uint64_t{640} << 20));
    }
    EXPECT_TRUE(eventually([&] { return append(collector_.stub(), {make_request({numbered_entry(1)})}).status.ok(); },
                           std::chrono::seconds(60)));
    if (kKeepsFreedMemory) return;
    EXPECT_TRUE(
        eventually([&] { return stats(collector_.stub()).resident_bytes() < before + (std::uint64_t{64} << 20); },
                   std::chrono::seconds(60)));
  }

  TempFolder folder_;
  Collector collector_{folder_ / "store"};
};

// CVE-2023-44487: each stream is begun and reset at once, so that the limit of streams never holds.
TEST_F(HostileFrames, RapidResets) {
  expect_others_are_served([](HttpClient& client) {
    const std::string headers = request_headers();
    const std::string cancel("\0\0\0\x08", 4);
    std::uint32_t stream = 1;
    for (int i = 0; i < 200; ++i) {
      std::string many;
      for (int k = 0; k < 100; ++k, stream += 2) {
        many += frame(Frame::headers, kEndHeaders, stream, headers) + frame(Frame::reset, 0, stream, cancel);
      }
      if (!client.send(many)) return;
    }
  });
}

// Headers without an end: CONTINUATION after CONTINUATION.
TEST_F(HostileFrames, HeadersWithoutAnEnd) {
  expect_others_are_served([](HttpClient& client) {
    std::string many;
    while (many.size() < 16'000) many += field("x-padding", std::string(100, 'x'));
    if (!client.send(frame(Frame::headers, 0, 1, request_headers()))) return;
    for (int i = 0; i < 2'000; ++i) {
      if (!client.send(frame(Frame::continuation, 0, 1, many))) return;
    }
  });
}

// CVE-2023-33953: large headers in many streams, which a table makes small on the wire (RFC 7541, 2.3.3).
TEST_F(HostileFrames, HeadersFromTheTable) {
  expect_others_are_served([](HttpClient& client) {
    // Indexed as entry 62, and named so a thousand times a stream.
    const std::string value(3'000, 'x');
    std::string first = {'\x40', '\x05'};
    first += "x-big";
    first += '\x7f';
    first += static_cast<char>(0x80 | ((value.size() - 127) & 0x7F));
    first += static_cast<char>((value.size() - 127) >> 7);
    first += value;
    if (!client.send(frame(Frame::headers, kEndHeaders, 1, request_headers() + first))) return;
    const std::string again = request_headers() + std::string(1'000, '\xbe');
    std::uint32_t stream = 3;
    for (int i = 0; i < 2'000; ++i, stream += 2) {
      if (!client.send(frame(Frame::headers, kEndHeaders, stream, again))) return;
    }
  });
}

TEST_F(HostileFrames, PingsAndSettings) {
  expect_others_are_served([](HttpClient& client) {
    std::string many;
    for (int k = 0; k < 500; ++k) many += frame(Frame::ping, 0, 0, "12345678") + frame(Frame::settings, 0, 0, "");
    for (int i = 0; i < 400; ++i) {
      if (!client.send(many)) return;
    }
  });
}

}  // namespace
}  // namespace towl::test
