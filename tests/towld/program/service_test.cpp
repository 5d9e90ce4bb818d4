// The service over the network, as any client sees it.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <thread>

#include "support/collector.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/store.hpp"
#include "v1/entry_cursor.hpp"

namespace towl::test {
namespace {

using grpc::StatusCode;
using std::string_literals::operator""s;
using testing::HasSubstr;
using v1::AppendRequest;

class Service : public testing::Test {
 protected:
  static v1::PullRequest from(std::uint64_t file_id, std::uint64_t count, bool follow = false) {
    v1::PullRequest request;
    request.set_file_id(file_id);
    request.set_count(count);
    request.set_follow(follow);
    return request;
  }

  std::vector<Entry> stored() const {
    const auto store = Store::open(folder_.path());
    EXPECT_TRUE(store);
    return test::as_sent(read_all(*store));
  }

  static std::filesystem::path write_config(const TempFolder& folder, const std::string& yaml) {
    std::ofstream(folder / "towld.yaml") << yaml;
    return folder / "towld.yaml";
  }

  TempFolder folder_;
};

TEST_F(Service, WhatIsAppendedIsStoredAsItWas) {
  std::vector<Entry> entries = numbered_entries(0, 100);
  entries.emplace_back("host", -1, LogFormat::text, "NUL \0 and \xff\xfe not UTF-8"s);
  entries.emplace_back("", 0, LogFormat::journal_json, "{}");
  entries.emplace_back("other", 1, static_cast<LogFormat>(77), "");
  {
    Collector collector(folder_.path());
    const Appended appended = append(collector.stub(), {make_request(entries)});
    EXPECT_TRUE(appended.status.ok()) << appended.status.error_message();
    ASSERT_EQ(appended.responses.size(), 1u);
    EXPECT_EQ(appended.responses[0].durability(), v1::DURABILITY_SYNCED);
    ASSERT_EQ(appended.responses[0].ranges_size(), 1);
    EXPECT_EQ(appended.responses[0].ranges(0).count(), 103u);
    EXPECT_EQ(collector.stop(), 0);
  }
  entries[101].sender = "127.0.0.1";  // The peer's address stands for an empty one.
  EXPECT_EQ(stored(), entries);
}

// A client's clock says when something happened, never when it was received.
TEST_F(Service, TheCollectorSaysWhenAnEntryWasReceived) {
  const Timestamp before = now();
  {
    Collector collector(folder_.path());
    v1::AppendRequest request = make_request(
        {numbered_entry(0),
         numbered_entry(1),
         {"h", 0, LogFormat::journal_json, R"({"__REALTIME_TIMESTAMP":"1700000000000000","MESSAGE":"old"})"}});
    request.mutable_entries(1)->clear_time();
    request.mutable_entries(2)->clear_time();
    EXPECT_TRUE(append(collector.stub(), {request}).status.ok());
    EXPECT_EQ(collector.stop(), 0);
  }
  const auto entries = read_all(*Store::open(folder_.path()));
  ASSERT_EQ(entries.size(), 3u);
  for (const Entry& entry : entries) {
    EXPECT_GE(entry.received, before);
    EXPECT_LE(entry.received, now());
  }
  EXPECT_EQ(entries[0].time(), numbered_entry(0).time());
  EXPECT_EQ(entries[1].time(), entries[1].received);
  EXPECT_EQ(entries[2].time(), 1'700'000'000'000'000'000) << "an entry of a journal says when it happened";
}

TEST_F(Service, EveryRequestIsAcknowledgedInItsOrder) {
  Collector collector(folder_.path());
  std::vector<AppendRequest> requests;
  for (std::uint64_t i = 0; i < 300; ++i) requests.push_back(make_request(numbered_entries(i * 10, 10), "p", i + 1));
  const Appended appended = append(collector.stub(), requests);
  EXPECT_TRUE(appended.status.ok()) << appended.status.error_message();
  ASSERT_EQ(appended.responses.size(), 300u);
  for (std::uint64_t i = 0; i < 300; ++i) {
    EXPECT_EQ(appended.responses[i].sequence(), i + 1);
    EXPECT_EQ(appended.responses[i].ranges(0).first(), i * 10);
  }
  const auto counted = stats(collector.stub());
  EXPECT_EQ(counted.entries_received(), 3000u);
  EXPECT_EQ(counted.entries_stored(), 3000u);
  EXPECT_EQ(counted.entries_rejected(), 0u);
}

TEST_F(Service, ABatchSentTwiceIsStoredOnce) {
  Collector collector(folder_.path());
  const AppendRequest request = make_request(numbered_entries(0, 10), "p", 1);
  EXPECT_FALSE(append(collector.stub(), {request}).responses[0].duplicate());
  EXPECT_TRUE(append(collector.stub(), {request}).responses[0].duplicate());
  EXPECT_EQ(list(collector.stub())[0].count(), 10u);
}

TEST_F(Service, EachLevelIsAcknowledgedByItsName) {
  Collector collector(folder_.path(), {"--durability", "interval"});
  for (const auto level : {v1::DURABILITY_WRITTEN, v1::DURABILITY_INTERVAL, v1::DURABILITY_SYNCED}) {
    EXPECT_EQ(append(collector.stub(), {make_request(numbered_entries(0, 1), "", 0, level)}).responses[0].durability(),
              level);
  }
  EXPECT_EQ(append(collector.stub(), {make_request(numbered_entries(0, 1))}).responses[0].durability(),
            v1::DURABILITY_INTERVAL);
  // Readers get only durable entries; asking makes entries durable.
  EXPECT_EQ(list(collector.stub())[0].count(), 4u);
  EXPECT_EQ(pull(collector.stub(), from(1, 0)).count, 4u);
}

TEST_F(Service, AMalformedAppendStoresNothingOfItsBatch) {
  Collector collector(folder_.path());
  const auto status_of = [&](const AppendRequest& request) { return append(collector.stub(), {request}).status; };
  EXPECT_EQ(status_of(make_request({}, "p", 0)).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status_of(make_request({}, std::string(129, 'p'), 1)).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status_of(make_request({}, "", 0, static_cast<v1::Durability>(9))).error_code(),
            StatusCode::INVALID_ARGUMENT);
  const std::vector<Entry> large = {numbered_entry(0), Entry("h", 0, LogFormat::text, std::string((1 << 20) + 1, 'x'))};
  const auto too_large = status_of(make_request(large));
  EXPECT_EQ(too_large.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(too_large.error_message(), HasSubstr("entry 1 of the batch has 1048578 bytes; the limit is 1048576"));
  const std::vector<Entry> huge(6, Entry("h", 0, LogFormat::text, std::string(1 << 20, 'x').substr(1)));
  EXPECT_EQ(status_of(make_request(huge)).error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status_of(make_request(std::vector<Entry>(65'537))).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(list(collector.stub()).empty());
  // It still goes on.
  EXPECT_TRUE(status_of(make_request(numbered_entries(0, 1))).ok());
}

TEST_F(Service, PullStatusesAreTheirOwn) {
  const TempFolder config;
  Collector collector(folder_.path(), {"--config", write_config(config, "store: { partition: { max_entries: 100 } }")});
  append(collector.stub(), {make_request(numbered_entries(0, 250))});
  const auto code = [&](const v1::PullRequest& request) { return pull(collector.stub(), request).status.error_code(); };
  EXPECT_EQ(code(from(9, 0)), StatusCode::NOT_FOUND);
  EXPECT_EQ(code(from(0, 0)), StatusCode::NOT_FOUND);
  EXPECT_EQ(code(from(3, 51)), StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(code(from(3, 50)), StatusCode::OK);
  v1::PullRequest wrong = from(3, 50);
  wrong.mutable_proof()->set_size(1);
  const auto diverged = pull(collector.stub(), wrong).status;
  EXPECT_EQ(diverged.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(diverged.error_message(), testing::StartsWith("DIVERGED"));
  grpc::ClientContext context;
  v1::RetainRequest retain;
  retain.set_max_bytes(0);
  v1::RetainResponse retained;
  collector.be_admin(context);
  ASSERT_TRUE(collector.stub().Retain(&context, retain, &retained).ok());
  EXPECT_EQ(retained.removed_size(), 2);
  EXPECT_EQ(code(from(1, 0)), StatusCode::FAILED_PRECONDITION);
  ASSERT_EQ(list(collector.stub()).size(), 1u);
}

TEST_F(Service, AnIncrementIsJustTheNewEntries) {
  Collector collector(folder_.path());
  append(collector.stub(), {make_request(numbered_entries(0, 5000))});
  const Pulled first = pull(collector.stub(), from(1, 0));
  ASSERT_EQ(first.count, 5000u);
  append(collector.stub(), {make_request(numbered_entries(5000, 7))});
  const Pulled second = pull(collector.stub(), from(1, 5000));
  EXPECT_EQ(second.count, 7u);
  EXPECT_EQ(second.files[0].size(), first.files[0].size() + second.bytes.size());
  EXPECT_LT(second.bytes.size(), first.bytes.size() / 20);
}

TEST_F(Service, AFollowerIsGivenWhatIsStoredOverPartitions) {
  const TempFolder config;
  Collector collector(
      folder_.path(),
      {"--config", write_config(config, "store: { file_format: v1, partition: { max_entries: 100 } }")});
  append(collector.stub(), {make_request(numbered_entries(0, 30))});
  Pulled followed;
  std::jthread follower([&] { followed = pull(collector.stub(), from(1, 10, true), 1000 - 10); });
  ASSERT_TRUE(eventually([&] { return stats(collector.stub()).followers() == 1; }));
  for (std::uint64_t at = 30; at < 1000; at += 97) {
    append(collector.stub(),
           {make_request(numbered_entries(at, std::min<std::uint64_t>(97, 1000 - at)), "", 0, v1::DURABILITY_WRITTEN)});
  }
  follower.join();
  EXPECT_EQ(followed.count, 990u);
  EXPECT_GE(followed.files.size(), 10u);
  EntryView entry;
  std::string_view rest = followed.bytes;
  for (std::uint64_t number = 10; number < 1000; ++number) {
    const auto decoded = detail::v1::decode_entry(rest, entry);
    ASSERT_EQ(decoded.found, detail::v1::Found::entry);
    ASSERT_EQ(entry.log_entry, numbered_entry(number).log_entry);
    rest.remove_prefix(decoded.bytes);
  }
  EXPECT_TRUE(rest.empty());
  EXPECT_TRUE(eventually([&] { return stats(collector.stub()).followers() == 0; }));
}

TEST_F(Service, TheListIsPagedAndFiltered) {
  const TempFolder config;
  Collector collector(folder_.path(), {"--config", write_config(config,
                                                                "store: { org: acme, title: syslog, partition: "
                                                                "{ max_entries: 10 } }")});
  append(collector.stub(), {make_request(numbered_entries(0, 105))});
  const auto ask = [&](const v1::ListFilesRequest& request) {
    grpc::ClientContext context;
    v1::ListFilesResponse response;
    EXPECT_TRUE(collector.stub().ListFiles(&context, request, &response).ok());
    return response;
  };
  v1::ListFilesRequest request;
  request.set_page_size(4);
  std::vector<std::uint64_t> ids;
  for (bool more = true; more;) {
    const auto page = ask(request);
    EXPECT_EQ(page.next_file_id(), 12u);
    EXPECT_LE(page.files_size(), 4);
    for (const auto& file : page.files()) ids.push_back(file.file_id());
    more = page.more();
    request.set_after_file_id(ids.back());
  }
  std::vector<std::uint64_t> all(11);
  std::iota(all.begin(), all.end(), 1);
  EXPECT_EQ(ids, all);
  request = {};
  request.set_title("syslog");
  request.set_org("acme");
  EXPECT_EQ(ask(request).files_size(), 11);
  request.set_title("other");
  EXPECT_EQ(ask(request).files_size(), 0);
  request = {};
  const auto files = ask(request);
  EXPECT_EQ(files.files(10).state(), v1::FILE_STATE_OPEN);
  // The sealer may have been there already.
  EXPECT_THAT(files.files(9).state(), testing::AnyOf(v1::FILE_STATE_CLOSED, v1::FILE_STATE_SEALED));
  EXPECT_TRUE(files.files(9).has_closed());
  EXPECT_EQ(files.files(9).event_min(), numbered_entry(90).time());
  EXPECT_EQ(files.files(9).event_max(), numbered_entry(99).time());
  EXPECT_EQ(files.files(0).org(), "acme");
}

TEST_F(Service, TheConfigurationIsTold) {
  Collector collector(folder_.path());
  grpc::ClientContext context;
  v1::GetConfigResponse response;
  collector.be_admin(context);
  ASSERT_TRUE(collector.stub().GetConfig(&context, {}, &response).ok());
  EXPECT_FALSE(response.version().empty());
  EXPECT_THAT(response.yaml(), HasSubstr(folder_.path().string()));
}

TEST_F(Service, ADryRunOfRetentionRemovesNothing) {
  const TempFolder config;
  Collector collector(folder_.path(), {"--config", write_config(config, "store: { partition: { max_entries: 10 } }")});
  append(collector.stub(), {make_request(numbered_entries(0, 35))});
  const auto retain = [&](v1::RetainRequest request) {
    grpc::ClientContext context;
    v1::RetainResponse response;
    collector.be_admin(context);
    const auto status = collector.stub().Retain(&context, request, &response);
    return status.ok() ? response.removed_size() : -1;
  };
  v1::RetainRequest request;
  EXPECT_EQ(retain(request), 0);  // As configured: nothing.
  request.set_max_bytes(0);
  request.set_dry_run(true);
  EXPECT_EQ(retain(request), 3);
  EXPECT_EQ(list(collector.stub()).size(), 4u);
  request.set_max_age(-1);
  EXPECT_EQ(retain(request), -1);
}

// The methods by name, without generated code: what a health checker and grpcurl call.
grpc::Status call_raw(const std::string& address, const std::string& method, const std::string& request,
                      std::string& response) {
  grpc::GenericStub stub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  grpc::CompletionQueue queue;
  grpc::Slice slice(request);
  const auto call = stub.PrepareUnaryCall(&context, method, grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  int tag = 0;
  call->Finish(&answer, &status, &tag);
  void* got = nullptr;
  bool ok = false;
  queue.Next(&got, &ok);
  grpc::Slice bytes;
  if (status.ok() && answer.DumpToSingleSlice(&bytes).ok()) {
    response.assign(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  }
  return status;
}

TEST_F(Service, ReflectionListsTheService) {
  Collector collector(folder_.path());
  grpc::GenericStub stub(grpc::CreateChannel(collector.address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  grpc::CompletionQueue queue;
  const auto wait = [&] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call =
      stub.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(nullptr);
  ASSERT_TRUE(wait());
  grpc::Slice list_services(std::string("\x3a\x00", 2));  // ServerReflectionRequest{list_services: ""}
  call->Write(grpc::ByteBuffer(&list_services, 1), nullptr);
  ASSERT_TRUE(wait());
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  ASSERT_TRUE(wait());
  grpc::Slice bytes;
  ASSERT_TRUE(answer.DumpToSingleSlice(&bytes).ok());
  EXPECT_THAT(std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size()), HasSubstr("towl.v1.Towl"));
  context.TryCancel();
}

TEST_F(Service, HealthSaysServing) {
  Collector collector(folder_.path());
  std::string response;
  const auto status = call_raw(collector.address(), "/grpc.health.v1.Health/Check", "", response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response, std::string("\x08\x01"));  // HealthCheckResponse{status: SERVING}
  const std::string name = "towl.v1.Towl";
  EXPECT_TRUE(call_raw(collector.address(), "/grpc.health.v1.Health/Check", "\x0a\x0c" + name, response).ok());
  EXPECT_EQ(response, std::string("\x08\x01"));
}

}  // namespace
}  // namespace towl::test
