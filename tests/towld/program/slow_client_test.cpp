// Clients that take nothing cost bounded memory, and the others are served at the same time.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "support/collector.hpp"
#include "support/freed_memory.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

TEST(SlowClient, ManyThatReadNothingCostBoundedMemory) {
  const TempFolder folder;
  Collector collector(folder.path());
  const std::vector<Entry> entries(3000, Entry("host", 0, LogFormat::text, std::string(1000, 'x')));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(collector.stub(), {make_request(entries)}).status.ok());
  const auto before = stats(collector.stub()).resident_bytes();

  v1::PullRequest request;
  request.set_file_id(1);
  request.set_follow(true);
  struct Reader {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::PullResponse>> stream;
  };
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 100; ++i) {
    readers.push_back(std::make_unique<Reader>());
    readers.back()->stream = collector.stub().Pull(&readers.back()->context, request);
  }
  ASSERT_TRUE(eventually([&] { return stats(collector.stub()).active_pulls() == 100; }));
  // A good client gets its 60 MB, and a producer its acknowledgements.
  request.set_follow(false);
  EXPECT_EQ(pull(collector.stub(), request).count, 60'000u);
  EXPECT_TRUE(append(collector.stub(), {make_request(numbered_entries(0, 10))}).status.ok());
  const auto after = stats(collector.stub()).resident_bytes();
  std::printf("resident: %llu MiB before, %llu MiB with 100 clients that read nothing\n",
              static_cast<unsigned long long>(before >> 20), static_cast<unsigned long long>(after >> 20));
  // 100 copies of the file would be 6 GB; two chunks of 1 MiB for each 200 MiB.
  if (!kKeepsFreedMemory) {
    EXPECT_LT(after, before + (std::uint64_t{150} << 20));
  }
  for (auto& reader : readers) reader->context.TryCancel();
  for (auto& reader : readers) reader->stream->Finish();
  EXPECT_TRUE(eventually([&] { return stats(collector.stub()).active_pulls() == 0; }));
}

TEST(SlowClient, AProducerThatTakesNoAcknowledgementsIsHeldBack) {
  const TempFolder folder;
  Collector collector(folder.path());
  grpc::ClientContext context;
  const auto stream = collector.stub().Append(&context);
  const auto request = make_request(numbered_entries(0, 1));
  for (int i = 0; i < 3000; ++i) ASSERT_TRUE(stream->Write(request));
  EXPECT_TRUE(append(collector.stub(), {request}).status.ok());
  // Once it does, all are there.
  int acknowledged = 0;
  std::jthread reader([&] {
    for (v1::AppendResponse response; stream->Read(&response);) ++acknowledged;
  });
  stream->WritesDone();
  reader.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(acknowledged, 3000);
}

}  // namespace
}  // namespace towl::test
