// OpenTelemetry's logs over gRPC, and what happens to what gRPC rejects.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <future>

#include "support/collector.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/store.hpp"

namespace towl::test {
namespace {

using grpc::StatusCode;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kExport = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/// A field of a protobuf message, of less than 128 bytes.
std::string bytes(int field, const std::string& value) {
  return std::string{static_cast<char>(field << 3 | 2), static_cast<char>(value.size())} + value;
}

std::string request(const std::vector<std::string>& texts) {
  std::string records;
  for (const auto& text : texts) records += bytes(2, bytes(5, bytes(1, text)));
  return bytes(1, bytes(2, records));
}

struct Answer {
  grpc::Status status;
  std::string message;
};

class OtlpGrpc : public testing::Test {
 protected:
  Answer send(const Collector& collector, const std::string& message, const std::string& token = "",
              const char* method = kExport, grpc_compression_algorithm packed = GRPC_COMPRESS_NONE) {
    grpc::GenericStub stub(grpc::CreateChannel(collector.address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_compression_algorithm(packed);
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    const grpc::Slice slice(message);
    const grpc::ByteBuffer sent(&slice, 1);
    grpc::ByteBuffer received;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, method, {}, &sent, &received, [&](grpc::Status status) { done.set_value(status); });
    Answer answer{done.get_future().get(), {}};
    std::vector<grpc::Slice> slices;
    if (answer.status.ok() && received.Dump(&slices).ok()) {
      for (const auto& one : slices) answer.message.append(reinterpret_cast<const char*>(one.begin()), one.size());
    }
    return answer;
  }

  std::vector<std::string> texts(const std::filesystem::path& folder) const {
    std::vector<std::string> all;
    const auto store = Store::open(folder);
    if (!store) return all;
    for (const Entry& entry : read_all(*store)) all.push_back(entry.log_entry);
    return all;
  }

  std::string config(const std::string& yaml) {
    std::ofstream(config_ / "towld.yaml") << yaml;
    return config_ / "towld.yaml";
  }

  TempFolder folder_;
  TempFolder config_;
};

TEST_F(OtlpGrpc, IsTakenByTheInputThatTakesItOverHttp) {
  Collector collector(folder_.path(),
                      {"--config", config("inputs: [{ type: http, protocols: [otlp], labels: { site: north } }]\n")});
  const Answer good = send(collector, request({"one", "two"}));
  EXPECT_TRUE(good.status.ok()) << good.status.error_message();
  EXPECT_EQ(good.message, "");
  EXPECT_TRUE(send(collector, "").status.ok());
  // A record that cannot be read is reported, and kept.
  const Answer partial = send(collector, bytes(1, bytes(2, bytes(2, "\x0F") + bytes(2, bytes(5, bytes(1, "three"))))));
  EXPECT_TRUE(partial.status.ok());
  EXPECT_THAT(partial.message, HasSubstr("not a LogRecord"));
  EXPECT_EQ(send(collector, "\x0F").status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(send(collector, request({"x"}), "", "/opentelemetry.proto.collector.trace.v1.TraceService/Export")
                .status.error_code(),
            StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(send(collector, std::string(5 << 20, 'x')).status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(collector.stop(), 0);
  EXPECT_THAT(texts(folder_.path()),
              ElementsAre(R"({"MESSAGE":"one","site":"north"})", R"({"MESSAGE":"two","site":"north"})",
                          R"({"MESSAGE":"three","site":"north"})"));
  EXPECT_EQ(texts(folder_ / "rejected").size(), 2u);
}

// As OpenTelemetry's collector sends by default; unpacked here, and bounded.
TEST_F(OtlpGrpc, IsTakenCompressedByGzip) {
  Collector collector(folder_.path());
  std::vector<std::string> texts_sent;
  std::string message;
  for (int i = 0; i < 200; ++i) {
    texts_sent.push_back("a text that repeats itself, number " + std::to_string(i));
    message += request({texts_sent.back()});
  }
  const auto send_packed = [&](const std::string& what, grpc_compression_algorithm algorithm) {
    return send(collector, what, "", kExport, algorithm).status;
  };
  const auto good = send_packed(message, GRPC_COMPRESS_GZIP);
  EXPECT_TRUE(good.ok()) << good.error_message();
  EXPECT_EQ(send_packed(message, GRPC_COMPRESS_DEFLATE).error_code(), StatusCode::UNIMPLEMENTED);
  const auto large = send_packed(std::string(17 << 20, 'x'), GRPC_COMPRESS_GZIP);
  EXPECT_EQ(large.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(large.error_message(), HasSubstr("when decompressed"));
  EXPECT_EQ(collector.stop(), 0);
  EXPECT_EQ(texts(folder_.path()).size(), texts_sent.size());
}

TEST_F(OtlpGrpc, IsRefusedIfNobodyTakesIt) {
  Collector collector(folder_.path(), {"--config", config("inputs: [{ type: http, protocols: [ingest] }]\n")});
  EXPECT_EQ(send(collector, request({"one"})).status.error_code(), StatusCode::UNIMPLEMENTED);
}

TEST_F(OtlpGrpc, NeedsATokenWhereThereAreAny) {
  const auto made =
      run({TOWLD_PROGRAM, "token", "create", "--scope", "ingest", "--name", "app", "--store", folder_.path().string()});
  ASSERT_EQ(made.code, 0) << made.err;
  std::string token = made.out;
  token.erase(std::remove(token.begin(), token.end(), '\n'), token.end());
  Collector collector(folder_.path());
  EXPECT_EQ(send(collector, request({"one"})).status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(send(collector, request({"one"}), "bad").status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(send(collector, request({"one"}), token).status.ok());
}

// What must not be sent again is kept with its reason.
TEST_F(OtlpGrpc, WhatAppendRejectsIsKept) {
  Collector collector(folder_.path());
  const std::vector<Entry> entries = {Entry("h", 0, LogFormat::text, "lost?")};
  EXPECT_EQ(append(collector.stub(), {make_request(entries, "p", 0)}).status.error_code(),
            StatusCode::INVALID_ARGUMENT);
  const std::vector<Entry> large = {Entry("h", 0, LogFormat::text, std::string((1 << 20) + 1, 'x'))};
  EXPECT_EQ(append(collector.stub(), {make_request(large)}).status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(collector.stop(), 0);
  const auto kept = texts(folder_ / "rejected");
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_THAT(kept[0], HasSubstr(R"("MESSAGE":"lost?")"));
  EXPECT_THAT(kept[0], HasSubstr("with producer_id, sequence counts from 1"));
  EXPECT_THAT(kept[1], HasSubstr("\"TOWL_ORIGINAL_BYTES\":\"1048577\""));
}

}  // namespace
}  // namespace towl::test
