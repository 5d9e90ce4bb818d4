// What clients may try over gRPC, each against a real towld: it hurts them, and nobody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdlib>
#include <thread>

#include "support/collector.hpp"
#include "support/stores.hpp"
#include "support/tls_site.hpp"
#include "towld/http/http_client.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;
using towld::Scope;

/// One Push stream of `requests`; how it ended, and the answers before.
struct Pushed {
  grpc::Status status;
  std::vector<towl::v1::PushResponse> answers;
};
Pushed push(towl::v1::Towl::Stub& stub, const std::vector<towl::v1::PushRequest>& requests,
            const std::string& token = "") {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  towl::rpc::add_token(token, context);
  const auto stream = stub.Push(&context);
  Pushed pushed;
  towl::v1::PushResponse answer;
  for (std::size_t i = 0; i < requests.size() && stream->Write(requests[i]); ++i) {
    if (i > 0) continue;  // Where to go on comes before the rest is sent.
    if (!stream->Read(&answer)) break;
    pushed.answers.push_back(answer);
  }
  stream->WritesDone();
  while (stream->Read(&answer)) pushed.answers.push_back(answer);
  pushed.status = stream->Finish();
  return pushed;
}

towl::v1::PushRequest start_of(const std::string& store, const std::vector<std::string>& through = {}) {
  towl::v1::PushRequest request;
  request.mutable_start()->set_store(store);
  for (const std::string& one : through) request.mutable_start()->add_through(one);
  return request;
}
towl::v1::PushRequest file_of(const towl::v1::FileInfo& info, std::uint64_t file_id) {
  towl::v1::PushRequest request;
  request.mutable_file()->set_file_id(file_id);
  request.mutable_file()->set_uuid(info.uuid());
  return request;
}
towl::v1::PushRequest chunk_of(const std::string& frames, std::uint64_t count) {
  towl::v1::PushRequest request;
  request.mutable_chunk()->set_data(frames);
  request.mutable_chunk()->set_count(count);
  return request;
}

class HostileClients : public testing::Test {
 protected:
  /// A collector that knows the tokens of site_, unencrypted: it is on loopback.
  void start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> flags = more;
    if (std::filesystem::exists(site_ / "tokens")) {
      site_.write("plain.yaml", "auth: { tokens_file: \"" + (site_ / "tokens").string() + "\" }\n");
      flags.insert(flags.end(), {"--config", site_ / "plain.yaml"});
    }
    collector_.emplace(site_ / "store", flags);
  }
  towl::v1::Towl::Stub& stub() { return collector_->stub(); }

  /// Frames of a store with these entries, as an agent has them.
  Pulled frames_of(const std::vector<Entry>& entries) {
    Collector donor(site_ / "donor");
    EXPECT_TRUE(append(donor.stub(), {make_request(entries)}).status.ok());
    towl::v1::PullRequest request;
    request.set_file_id(1);
    return pull(donor.stub(), request);
  }

  /// Appends one batch; how it was answered.
  Appended append_as(const std::string& token, const std::string& producer, std::uint64_t sequence) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    towl::rpc::add_token(token, context);
    const auto stream = stub().Append(&context);
    stream->Write(make_request({numbered_entry(sequence)}, producer, sequence));
    stream->WritesDone();
    Appended appended;
    for (towl::v1::AppendResponse response; stream->Read(&response);) appended.responses.push_back(response);
    appended.status = stream->Finish();
    return appended;
  }
  static bool is_stored(const Appended& appended) {
    return appended.status.ok() && appended.responses.size() == 1 && !appended.responses[0].duplicate();
  }

  TlsSite site_;
  std::optional<Collector> collector_;
};

TEST_F(HostileClients, APushThatUnpacksToTooMuchIsRefusedBeforeItIsUnpacked) {
  // 40 MB of one letter, sealed: a few kilobytes.
  std::string frames;
  std::uint64_t count = 0;
  towl::v1::FileInfo file;
  {
    site_.write("donor.yaml", "store: { partition: { max_entries: 40 } }\n");
    Collector donor(site_ / "donor", {"--config", site_ / "donor.yaml"});
    const auto large = make_request({Entry("h", now(), LogFormat::text, std::string(1'000'000, 'x'))});
    ASSERT_TRUE(append(donor.stub(), std::vector<towl::v1::AppendRequest>(41, large)).status.ok());
    ASSERT_TRUE(eventually([&] { return list(donor.stub()).front().state() == towl::v1::FILE_STATE_SEALED; },
                           std::chrono::minutes(2)));  // Unoptimised, sealing takes more than 20 s.
    towl::v1::PullRequest request;
    request.set_file_id(1);
    grpc::ClientContext context;
    const auto stream = donor.stub().Pull(&context, request);
    for (towl::v1::PullResponse response; stream->Read(&response);) {
      if (response.has_file()) file = response.file();
      if (!response.has_chunk() || response.chunk().count() == 0) continue;
      frames += response.chunk().data();
      count += response.chunk().count();
    }
    ASSERT_TRUE(stream->Finish().ok());
  }
  ASSERT_LT(frames.size(), std::size_t{1} << 20);
  ASSERT_EQ(count, 40u);
  start();
  const std::uint64_t before = stats(stub()).resident_bytes();
  const Pushed pushed = push(stub(), {start_of("agent"), file_of(file, 1), chunk_of(frames, count)});
  EXPECT_EQ(pushed.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << pushed.status.error_message();
  EXPECT_THAT(pushed.status.error_message(), HasSubstr("once unpacked"));
  EXPECT_EQ(stats(stub()).entries_stored(), 0u);
  EXPECT_LT(stats(stub()).resident_bytes(), before + (std::uint64_t{32} << 20));
  EXPECT_TRUE(append(stub(), {make_request({numbered_entry(0)})}).status.ok());
}

TEST_F(HostileClients, AProducerBelongsToTheTokenThatUsedItFirst) {
  const std::string victim = site_.add_token({.name = "victim", .scopes = {Scope::ingest}});
  const std::string other = site_.add_token({.name = "other", .scopes = {Scope::ingest}});
  start();
  EXPECT_TRUE(is_stored(append_as(victim, "p", 1)));
  for (const std::uint64_t sequence : {std::uint64_t{1}, std::uint64_t{2}, ~std::uint64_t{0}}) {
    EXPECT_EQ(append_as(other, "p", sequence).status.error_code(), grpc::StatusCode::ALREADY_EXISTS) << sequence;
  }
  // A jump of its own is a mistake.
  EXPECT_EQ(append_as(victim, "p", ~std::uint64_t{0}).status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(append_as(victim, "p", 2'000'000).status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(is_stored(append_as(victim, "p", 2)));
  // Over a restart.
  EXPECT_EQ(collector_->stop(), 0);
  start();
  EXPECT_EQ(append_as(other, "p", 3).status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_TRUE(is_stored(append_as(victim, "p", 3)));
  // What nobody owns any more can be taken over, and goes on where it was.
  site_.revoke("victim");
  ASSERT_TRUE(
      eventually([&] { return append_as(victim, "q", 1).status.error_code() == grpc::StatusCode::UNAUTHENTICATED; }));
  EXPECT_TRUE(append_as(other, "p", 3).responses.at(0).duplicate());
  EXPECT_TRUE(is_stored(append_as(other, "p", 4)));
}

TEST_F(HostileClients, InventedProducersPushOutOnlyTheirOwn) {
  const std::string victim = site_.add_token({.name = "victim", .scopes = {Scope::ingest}});
  const std::string other = site_.add_token({.name = "other", .scopes = {Scope::ingest}});
  start({"--durability", "written"});
  EXPECT_TRUE(is_stored(append_as(victim, "p", 1)));
  grpc::ClientContext context;
  towl::rpc::add_token(other, context);
  const auto stream = stub().Append(&context);
  constexpr int kInvented = 3'000;
  std::jthread writer([&] {
    for (int i = 0; i < kInvented; ++i) {
      if (!stream->Write(make_request({numbered_entry(0)}, "invented-" + std::to_string(i), 1))) break;
    }
    stream->WritesDone();
  });
  int answers = 0;
  for (towl::v1::AppendResponse response; stream->Read(&response);) ++answers;
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answers, kInvented);
  // Still known: what it sends again is a duplicate.
  EXPECT_TRUE(append_as(victim, "p", 1).responses.at(0).duplicate());
  EXPECT_TRUE(is_stored(append_as(victim, "p", 2)));
}

TEST_F(HostileClients, AStoreBelongsToTheTokenThatPushedItFirst) {
  const std::string victim = site_.add_token({.name = "victim", .scopes = {Scope::ingest}});
  const std::string other = site_.add_token({.name = "other", .scopes = {Scope::ingest}});
  const Pulled donated = frames_of(numbered_entries(0, 10));
  start();
  const auto all = [&](std::uint64_t file_id) {
    return std::vector<towl::v1::PushRequest>{start_of("S"), file_of(donated.files.front(), file_id),
                                              chunk_of(donated.bytes, donated.count)};
  };
  EXPECT_TRUE(push(stub(), all(1), victim).status.ok());
  EXPECT_EQ(push(stub(), all(1'000), other).status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(push(stub(), {start_of("S")}, other).status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(push(stub(), all(~std::uint64_t{0}), victim).status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const Pushed again = push(stub(), {start_of("S")}, victim);
  EXPECT_TRUE(again.status.ok()) << again.status.error_message();
  ASSERT_EQ(again.answers.size(), 1u);
  EXPECT_EQ(again.answers[0].resume().file_id(), 1u);
  EXPECT_EQ(again.answers[0].resume().count(), 10u);
}

// Only newcomers are refused; a place is free again once its store was gone for long.
TEST_F(HostileClients, StoresBeyondTheLimitAreRefusedUntilOneWasGoneForLong) {
  const std::string token = site_.add_token({.name = "agent", .scopes = {Scope::ingest}});
  const std::string other = site_.add_token({.name = "other", .scopes = {Scope::ingest}});
  const Pulled donated = frames_of(numbered_entries(0, 10));
  site_.write("few.yaml", "auth: { tokens_file: \"" + (site_ / "tokens").string() +
                              "\" }\nlimits: { token_stores: 2, store_unseen_time: 2s }\n");
  collector_.emplace(site_ / "store", std::vector<std::string>{"--config", site_ / "few.yaml"});
  const auto push_as = [&](const std::string& store, const std::string& who) {
    return push(stub(), {start_of(store), file_of(donated.files.front(), 1), chunk_of(donated.bytes, donated.count)},
                who)
        .status;
  };
  EXPECT_TRUE(push_as("first", token).ok());
  EXPECT_TRUE(push_as("second", token).ok());
  EXPECT_EQ(push_as("third", token).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(push_as("another", other).ok());
  // One that is connected keeps its place for any time.
  grpc::ClientContext context;
  towl::rpc::add_token(token, context);
  const auto stream = stub().Push(&context);
  towl::v1::PushResponse answer;
  ASSERT_TRUE(stream->Write(start_of("first")));
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.resume().count(), 10u);
  EXPECT_TRUE(eventually([&] { return push_as("third", token).ok(); }, std::chrono::seconds(30)));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  const Pushed still = push(stub(), {start_of("first")}, token);
  ASSERT_EQ(still.answers.size(), 1u) << still.status.error_message();
  EXPECT_EQ(still.answers[0].resume().count(), 10u);
  EXPECT_EQ(push(stub(), {start_of("second")}, token).status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(HostileClients, AStoreThatHasOurEntriesIsNotTakenBack) {
  start();
  EXPECT_TRUE(append(stub(), {make_request({numbered_entry(0)})}).status.ok());
  towl::v1::ListFilesResponse files;
  {
    grpc::ClientContext context;
    ASSERT_TRUE(stub().ListFiles(&context, {}, &files).ok());
  }
  ASSERT_FALSE(files.store().empty());
  for (const auto& start : {start_of(files.store()), start_of("agent", {"other", files.store()})}) {
    const Pushed pushed = push(stub(), {start});
    EXPECT_EQ(pushed.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_THAT(pushed.status.error_message(), HasSubstr("LOOP"));
  }
  EXPECT_TRUE(push(stub(), {start_of("agent", {"other"})}).status.ok());
  for (const auto& wrong : {start_of(""), start_of("a b"), start_of(std::string(65, 'a')), start_of("a", {""})}) {
    EXPECT_EQ(push(stub(), {wrong}).status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
}

/// Connects from another address of this host, and says nothing.
int connect_silently(const std::string& address, const char* source) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in end{};
  end.sin_family = AF_INET;
  inet_pton(AF_INET, source, &end.sin_addr);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&end), sizeof end), 0);
  end.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  end.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&end), sizeof end), 0);
  return fd;
}

/// What towld says on a line that begins with it.
std::string said_after(const Process& process, const std::string& words) {
  std::string found;
  EXPECT_TRUE(eventually([&] {
    const std::string said = process.err();
    const auto at = said.find(words);
    if (at == std::string::npos || said.find('\n', at) == std::string::npos) return false;
    found = said.substr(at + words.size(), said.find('\n', at) - at - words.size());
    return true;
  }));
  return found;
}

// With 256 descriptors a peer that opens 1,000 connections to each door and says nothing locks neither the store nor
// others out; once they are ended, it is let in again itself.
TEST_F(HostileClients, SilentConnectionsAreBoundedAndEnd) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  site_.write("limits.yaml",
              "limits: { grpc_handshake_time: 4s, http_idle_time: 4s }\nstore: { partition: { max_entries: 5 } }\n");
  Process process({"sh", "-c",
                   "ulimit -n 256; exec \"$0\" --config \"$2\" --store \"$1\" --listen 127.0.0.1:0 --http 127.0.0.1:0",
                   TOWLD_PROGRAM, site_ / "store", site_ / "limits.yaml"});
  const std::string http = said_after(process, "HTTP on ");
  const std::string address = said_after(process, "listening on ");
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  const auto connect = [&] {
    return towl::v1::Towl::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  };
  const auto good = connect();
  EXPECT_TRUE(append(*good, {make_request({numbered_entry(0)})}).status.ok());
  std::vector<int> silent;
  for (int i = 0; i < 1'000; ++i) {
    silent.push_back(connect_silently(address, "127.0.0.2"));
    silent.push_back(connect_silently(http, "127.0.0.2"));
  }
  // Clients that are in go on, the store can still make files, and others come in at both doors.
  for (int i = 1; i < 20; ++i) EXPECT_TRUE(append(*good, {make_request({numbered_entry(1)})}).status.ok());
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(append(*connect(), {make_request({numbered_entry(2)})}).status.ok());
    EXPECT_EQ(HttpClient(http)
                  .ask("POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15\r\n\r\n{\"message\":\"x\"}")
                  .status,
              202);
  }
  EXPECT_THAT(HttpClient(http).ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").body,
              testing::ContainsRegex(R"(towl_limits_reached_total\{limit="peer_percent"\} [1-9])"));
  // Those that were let in were ended: there is room for that peer too.
  EXPECT_TRUE(eventually(
      [&] {
        const int next = connect_silently(address, "127.0.0.2");
        pollfd ready{next, POLLIN, 0};
        // A client that is let in is greeted with the settings of HTTP/2.
        char byte = 0;
        const bool kept = ::poll(&ready, 1, 5'000) == 1 && ::recv(next, &byte, 1, 0) == 1;
        ::close(next);
        return kept;
      },
      std::chrono::seconds(40)));
  for (const int fd : silent) ::close(fd);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 0);
}

}  // namespace
}  // namespace towl::test
