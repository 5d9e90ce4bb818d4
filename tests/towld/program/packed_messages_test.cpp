// Messages that gRPC's own compression packed, against a real towld: gRPC 1.51 would unpack them without a bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "support/collector.hpp"
#include "support/freed_memory.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towld/http/http_client.hpp"

namespace towl::test {
namespace {

/// A gzip text that unpacks to this many bytes.
std::string bomb_of(std::size_t bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string in(std::size_t{1} << 20, '\0');
  std::string packed;
  std::string out(std::size_t{1} << 16, '\0');
  for (std::size_t done = 0; done < bytes; done += in.size()) {
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    int result = Z_OK;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(out.data());
      stream.avail_out = static_cast<uInt>(out.size());
      result = deflate(&stream, done + in.size() >= bytes ? Z_FINISH : Z_NO_FLUSH);
      packed.append(out, 0, out.size() - stream.avail_out);
    } while (stream.avail_out == 0 || stream.avail_in > 0);
    EXPECT_NE(result, Z_STREAM_ERROR);
  }
  deflateEnd(&stream);
  return packed;
}

std::string frame_of_http2(std::uint8_t type, std::uint8_t flags, std::string_view payload) {
  const auto byte = [](std::size_t value) { return static_cast<char>(value & 0xFF); };
  std::string bytes = {byte(payload.size() >> 16),
                       byte(payload.size() >> 8),
                       byte(payload.size()),
                       byte(type),
                       byte(flags),
                       '\0',
                       '\0',
                       '\0',
                       '\1'};
  return bytes += payload;
}
std::string literal_field(std::string_view name, std::string_view value) {
  return std::string{'\0', static_cast<char>(name.size())} + std::string(name) +
         std::string{static_cast<char>(value.size())} + std::string(value);
}

/// Calls `method` with one message that gRPC's compression packed, as the flag and the header say; what came back, until
/// the answer's end, in which names and values are not packed, or are.
void send_packed(const std::string& address, const std::string& method, const std::string& encoding,
                 const std::string& message) {
  HttpClient client(address);
  std::string all = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame_of_http2(4, 0, "").replace(8, 1, 1, '\0');
  all += frame_of_http2(1, 4,
                        literal_field(":method", "POST") + literal_field(":scheme", "http") +
                            literal_field(":path", method) + literal_field(":authority", "localhost") +
                            literal_field("content-type", "application/grpc") + literal_field("te", "trailers") +
                            literal_field("grpc-encoding", encoding));
  std::string body = {'\1'};
  for (int shift = 24; shift >= 0; shift -= 8) body += static_cast<char>(message.size() >> shift & 0xFF);
  body += message;
  client.send(all);
  // As far as the first windows let it: 64 KiB. What follows is the server's to ask for, which this does not await.
  for (std::size_t at = 0; at < body.size(); at += 16'000) {
    client.send(frame_of_http2(0, at + 16'000 >= body.size() ? 1 : 0, std::string_view(body).substr(at, 16'000)));
  }
  const timeval patience{1, 0};
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char byte = 0;
  while (::recv(client.descriptor(), &byte, 1, 0) == 1) continue;
}

// 64 KiB become 60 MiB at once; 4 MiB would become 4 GiB. gRPC 1.51 unpacks without a bound.
TEST(PackedMessages, ThatGrpcWouldUnpackAreNot) {
  const TempFolder folder;
  Collector collector(folder.path());
  const std::string bomb = bomb_of(std::size_t{60} << 20);
  ASSERT_LT(bomb.size(), 65'000u);
  EXPECT_TRUE(append(collector.stub(), {make_request({numbered_entry(0)})}).status.ok());
  const std::uint64_t before = stats(collector.stub()).resident_bytes();
  std::uint64_t most = before;
  std::atomic<bool> ended = false;
  std::jthread watch([&] {
    while (!ended) most = std::max(most, std::uint64_t{stats(collector.stub()).resident_bytes()});
  });
  for (const char* method : {"/towl.v1.Towl/Append", "/towl.v1.Towl/Push", "/towl.v1.Towl/Pull", "/towl.v1.Towl/Query",
                             "/towl.v1.Towl/ListFiles", "/towl.v1.Towl/Stats",
                             "/opentelemetry.proto.collector.logs.v1.LogsService/Export"}) {
    for (const char* encoding : {"gzip", "deflate"}) send_packed(collector.address(), method, encoding, bomb);
  }
  ended = true;
  watch.join();
  // Of the one that may be packed 16 MiB are unpacked before it is refused.
  if (!kKeepsFreedMemory) {
    EXPECT_LT(most, before + (std::uint64_t{48} << 20));
  }
  EXPECT_TRUE(append(collector.stub(), {make_request({numbered_entry(1)})}).status.ok());
}

// A client that does so without malice is told.
TEST(PackedMessages, AreRefusedWithTheReason) {
  const TempFolder folder;
  Collector collector(folder.path());
  const auto large = make_request({Entry("h", now(), LogFormat::text, std::string(100'000, 'x'))});
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    const auto stream = collector.stub().Append(&context);
    stream->Write(large);
    stream->WritesDone();
    towl::v1::AppendResponse response;
    EXPECT_FALSE(stream->Read(&response));
    const auto status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
    EXPECT_THAT(status.error_message(), testing::ContainsRegex("ompress"));
  }
  EXPECT_EQ(stats(collector.stub()).entries_stored(), 0u);
}

}  // namespace
}  // namespace towl::test
