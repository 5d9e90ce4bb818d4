// An agent's store is pushed to a collector: each entry is there once, in order, no matter what is cut.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <optional>
#include <random>

#include "config/names.hpp"
#include "ingest/sealer.hpp"
#include "log/logger.hpp"
#include "outputs/towl/forwarder.hpp"
#include "outputs/towl/push_session.hpp"
#include "rpc/server.hpp"
#include "rpc/towl_service.hpp"
#include "support/fault_proxy.hpp"
#include "support/process.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;
using towl::test::eventually;
using towl::test::Fault;
using towl::test::FaultProxy;
using towl::test::numbered_entries;

/// A store with its writer, and a server if it is a collector.
class Node {
 public:
  explicit Node(std::uint64_t max_entries = 5000, towl::RetentionPolicy retain = {})
      : config_{.path = folder_.path(),
                .partition = {.max_entries = max_entries},
                .durability = Durability::written,
                .retain = retain} {
    start();
  }
  ~Node() { stop(); }

  void start() {
    auto started = Ingest::start(config_, log(), {.hold_all = true});
    ASSERT_TRUE(started) << started.error().to_string();
    ingest_ = std::move(*started);
  }
  void stop() {
    if (service_) service_->stop();
    if (server_) server_->stop(100ms);
    server_.reset();
    service_.reset();
    pool_.reset();
    ingest_.reset();
  }
  void serve() {
    pool_.emplace(1);
    service_ = std::make_unique<TowlService>(Config{.store = config_}, *ingest_, *pool_, *pool_);
    auto server = Server::listen("127.0.0.1:0", *service_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_.emplace(std::move(*server));
  }

  static std::shared_ptr<spdlog::logger> log() { return make_logger({.level = LogLevel::error}); }

  /// Stores entries, numbered on.
  void append(std::uint64_t count) {
    auto entries = std::make_shared<std::vector<towl::Entry>>(numbered_entries(next_, count));
    next_ += count;
    Batch batch;
    batch.durability = Durability::written;
    batch.entries = towl::test::views(*entries);
    batch.owner = entries;
    std::promise<bool> done;
    batch.done = [&](const auto& answer) { done.set_value(answer.has_value()); };
    ingest_->submit(std::move(batch));
    ASSERT_TRUE(done.get_future().get());
  }

  std::vector<towl::Entry> stored() { return towl::test::read_all(ingest_->reader()); }
  std::uint64_t count() { return ingest_->counters().stored; }

  const std::string& address() const { return server_->address(); }
  Ingest& ingest() { return *ingest_; }
  std::uint64_t appended() const { return next_; }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  towl::test::TempFolder folder_;
  StoreConfig config_;
  std::uint64_t next_ = 0;
  std::unique_ptr<Ingest> ingest_;
  std::optional<boost::asio::thread_pool> pool_;
  std::unique_ptr<TowlService> service_;
  std::optional<Server> server_;
};

std::unique_ptr<Forwarder> forward(Node& agent, std::vector<std::string> remotes) {
  return Forwarder::start({.name = "towl", .to = {.remotes = std::move(remotes)}}, agent.ingest(), Node::log());
}

/// The collector has all, once and in order.
void expect_all(Node& agent, Node& collector) {
  EXPECT_TRUE(eventually([&] { return collector.stored().size() >= agent.appended(); }, 60s));
  EXPECT_EQ(collector.stored(), numbered_entries(0, agent.appended()));
}

TEST(Forwarding, WhatIsStoredArrivesOnceAndInOrder) {
  Node agent;
  Node collector(3000);
  collector.serve();
  agent.append(12'000);
  const auto forwarder = forward(agent, {collector.address()});
  expect_all(agent, collector);
  agent.append(10);  // While it is connected.
  expect_all(agent, collector);
  EXPECT_TRUE(eventually([&] { return forwarder->state().waiting_bytes == 0; }));
  EXPECT_EQ(forwarder->state().entries, 12'010u);
  EXPECT_EQ(forwarder->state().remote, collector.address());
}

TEST(Forwarding, SealedFilesArriveToo) {
  Node agent(2000);
  agent.append(9000);
  const auto sealer = Sealer::start(agent.ingest(), Node::log());
  ASSERT_TRUE(eventually([&] {
    const auto listing = agent.ingest().reader().list();
    return std::count_if(listing->files.begin(), listing->files.end(),
                         [](const auto& file) { return file.index.sealed; }) == 4;
  }));
  Node collector;
  collector.serve();
  const auto forwarder = forward(agent, {collector.address()});
  expect_all(agent, collector);
  sealer->stop();
}

TEST(Forwarding, AgentAndCollectorMayStartAgain) {
  Node agent;
  Node collector;
  collector.serve();
  FaultProxy proxy(collector.address());
  for (int round = 0; round < 4; ++round) {
    auto forwarder = forward(agent, {proxy.address()});
    agent.append(1500);
    if (round % 2 == 0) expect_all(agent, collector);
    forwarder->stop();
    forwarder.reset();
    agent.stop();
    agent.start();
    collector.stop();
    collector.start();
    collector.serve();
    proxy.set_target(collector.address());
  }
  const auto forwarder = forward(agent, {proxy.address()});
  expect_all(agent, collector);
}

class CutForwarding : public testing::TestWithParam<Fault> {};
INSTANTIATE_TEST_SUITE_P(Faults, CutForwarding, testing::Values(Fault::reset, Fault::half_close),
                         [](const auto& fault) { return fault.param == Fault::reset ? "Reset" : "HalfClose"; });

// Each connection is cut after another number of bytes: within greetings, headers and chunks.
TEST_P(CutForwarding, AtAnyByteLeavesEachEntryOnce) {
  Node agent(700);
  Node collector(900);
  collector.serve();
  FaultProxy proxy(collector.address());
  std::minstd_rand random(20'261'121);
  std::uniform_int_distribution<std::uint64_t> bytes(1, 30'000);
  proxy.set_fault(GetParam(), 100);
  const auto forwarder = forward(agent, {proxy.address()});
  for (int cut = 0; cut < 25; ++cut) {
    agent.append(400);
    const std::uint64_t before = proxy.connections();
    proxy.set_fault(GetParam(), bytes(random));
    const auto moved = [&] { return proxy.connections() > before || collector.count() == agent.appended(); };
    if (GetParam() == Fault::reset) {
      ASSERT_TRUE(eventually(moved, 60s));
    } else {
      // The agent hears nothing: it would notice by its pings, after 20 seconds.
      (void)eventually(moved, 300ms);
      proxy.cut();
    }
  }
  proxy.set_fault(Fault::none, 0);
  proxy.cut();
  expect_all(agent, collector);
  // What was sent again: for each cut at most the chunk that was cut off, and a greeting.
  std::uint64_t stored_bytes = 0;
  const auto listing = agent.ingest().reader().list();
  for (const auto& file : listing->files) stored_bytes += file.size;
  EXPECT_LE(proxy.forwarded(), stored_bytes + proxy.connections() * (kPushChunkBytes + 4096));
}

// Nothing goes either way any more, and nobody is told: pings notice it.
TEST(Forwarding, ADeadLinkIsNoticed) {
  Node agent;
  Node collector;
  collector.serve();
  FaultProxy proxy(collector.address());
  proxy.set_fault(Fault::black_hole, 3'000);
  agent.append(3000);
  const auto forwarder = Forwarder::start({.name = "towl", .to = {.remotes = {proxy.address()}}, .ping_every = 500ms},
                                          agent.ingest(), Node::log());
  ASSERT_TRUE(eventually([&] { return proxy.connections() > 0; }));
  proxy.set_fault(Fault::none, 0);
  expect_all(agent, collector);
  EXPECT_GE(proxy.connections(), 2u);
}

// An old connection that nobody knows to be dead, and the new one, may both have the same entries in hand.
TEST(Forwarding, OfTwoConnectionsThatSendTheSameOneGetsThrough) {
  Node agent;
  Node collector;
  collector.serve();
  agent.append(4000);
  const auto one = forward(agent, {collector.address()});
  const auto other =
      Forwarder::start({.name = "other", .to = {.remotes = {collector.address()}}}, agent.ingest(), Node::log());
  for (int i = 0; i < 20; ++i) agent.append(200);
  expect_all(agent, collector);
}

TEST(Forwarding, FallsBackToTheNextCollectorAndGoesOnThere) {
  Node agent;
  Node first;
  Node second;
  first.serve();
  second.serve();
  FaultProxy proxy(first.address());
  const auto forwarder = forward(agent, {proxy.address(), second.address()});
  agent.append(1000);
  ASSERT_TRUE(eventually([&] { return forwarder->state().entries == 1000; }));
  // The first one is gone: nobody listens on its port.
  proxy.set_target("127.0.0.1:1");
  proxy.cut();
  agent.append(1000);
  EXPECT_TRUE(eventually([&] { return second.count() >= 1000; }, 60s));
  EXPECT_EQ(second.stored(), numbered_entries(1000, 1000));
  EXPECT_EQ(first.stored(), numbered_entries(0, 1000));
}

TEST(Forwarding, WhatIsNotForwardedIsKeptAndInputsWait) {
  Node agent(500, {.max_bytes = 40'000});
  Node collector;
  collector.serve();
  FaultProxy proxy("127.0.0.1:1");
  const auto forwarder = forward(agent, {proxy.address()});
  EXPECT_TRUE(agent.ingest().has_room_or([] {}));
  for (int i = 0; i < 10; ++i) agent.append(500);
  std::atomic<bool> resumed = false;
  ASSERT_TRUE(eventually([&] { return !agent.ingest().has_room_or([&] { resumed = true; }); }));
  EXPECT_EQ(agent.stored().size(), 5000u) << "retention removed what was not forwarded";
  proxy.set_target(collector.address());
  EXPECT_TRUE(eventually([&] { return resumed.load(); }, 60s));
  EXPECT_TRUE(agent.ingest().has_room_or([] {}));
  expect_all(agent, collector);
}

// A copy of a machine has the same identity and other entries: what it sends must not be skipped as known.
TEST(Forwarding, AStoreThatIsAnotherOnesCopyIsRefused) {
  Node collector;
  collector.serve();
  Node agent;
  agent.append(100);
  auto forwarder = forward(agent, {collector.address()});
  expect_all(agent, collector);
  forwarder->stop();
  agent.stop();
  Node copy;
  copy.stop();
  std::filesystem::copy(agent.path() / "1.towl", copy.path() / "1.towl");
  agent.start();
  agent.append(50);
  forwarder = forward(agent, {collector.address()});
  expect_all(agent, collector);
  copy.start();
  copy.append(200);  // Others than the agent's 50.
  const auto second = forward(copy, {collector.address()});
  EXPECT_TRUE(eventually([&] { return second->state().failures > 0; }));
  EXPECT_EQ(collector.stored().size(), 150u);
  // An answer alone is no success: the pauses grow. Otherwise there would be 40 tries in 6 s.
  std::this_thread::sleep_for(4s);
  EXPECT_LE(second->state().failures, 7u);
}

// One damaged frame costs its entries, not the rest.
TEST(Forwarding, GoesOnOverADamagedFrame) {
  Node agent;
  Node collector;
  collector.serve();
  for (int i = 0; i < 30; ++i) agent.append(100);
  const auto path = agent.path() / "1.towl";
  const auto damaged_at = std::filesystem::file_size(path) / 2;
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(damaged_at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(damaged_at));
  file.put(static_cast<char>(~byte)).flush();
  const auto forwarder = forward(agent, {collector.address()});
  EXPECT_TRUE(eventually([&] { return forwarder->state().waiting_bytes == 0 && collector.count() > 0; }, 20s));
  agent.append(100);
  EXPECT_TRUE(eventually([&] { return collector.count() == 3000; }, 20s)) << collector.count();
  auto wanted = numbered_entries(0, 3100);
  const auto stored = collector.stored();
  ASSERT_EQ(stored.size(), 3000u);
  const auto gap = std::mismatch(stored.begin(), stored.end(), wanted.begin()).first - stored.begin();
  EXPECT_EQ(gap % 100, 0);
  wanted.erase(wanted.begin() + gap, wanted.begin() + gap + 100);
  EXPECT_EQ(stored, wanted);
  EXPECT_EQ(forwarder->state().connections, 1u);
  // The collector has a gap of its own for them, once, also when the agent comes again.
  const auto gaps = [&] {
    const auto state = collector.ingest().state().get();
    return state.open ? std::pair(state.open->index.gaps, state.open->index.count) : std::pair(0u, std::uint64_t{0});
  };
  EXPECT_TRUE(eventually([&] { return gaps() == std::pair(1u, std::uint64_t{3100}); }));
  EXPECT_EQ(towl::verify(collector.path() / "1.towl")->lost, 100u);
  forwarder->stop();
  const auto second = forward(agent, {collector.address()});
  agent.append(10);
  EXPECT_TRUE(eventually([&] { return collector.count() == 3010; }, 20s));
  EXPECT_TRUE(eventually([&] { return gaps() == std::pair(1u, std::uint64_t{3110}); }));
}

// A peer that sends nonsense is told so, and nothing is stored.
TEST(Pushing, NonsenseIsRefused) {
  Node collector;
  collector.serve();
  const auto stub =
      towl::v1::Towl::NewStub(grpc::CreateChannel(collector.address(), grpc::InsecureChannelCredentials()));
  towl::v1::PushRequest start;
  start.mutable_start()->set_store("agent");
  towl::v1::PushRequest file;
  file.mutable_file()->set_file_id(1);
  file.mutable_file()->set_uuid(std::string(16, 'u'));
  towl::v1::PushRequest chunk;
  chunk.mutable_chunk()->set_data(std::string(1000, 'x'));
  towl::v1::PushRequest spaces;
  spaces.mutable_start()->set_store("a b");
  towl::v1::PushRequest short_uuid = file;
  short_uuid.mutable_file()->set_uuid("u");
  const std::vector<std::pair<std::vector<towl::v1::PushRequest>, grpc::StatusCode>> cases = {
      {{chunk}, grpc::StatusCode::INVALID_ARGUMENT},
      {{towl::v1::PushRequest()}, grpc::StatusCode::INVALID_ARGUMENT},
      {{spaces}, grpc::StatusCode::INVALID_ARGUMENT},
      {{start, chunk}, grpc::StatusCode::INVALID_ARGUMENT},
      {{start, start}, grpc::StatusCode::INVALID_ARGUMENT},
      {{start, short_uuid}, grpc::StatusCode::INVALID_ARGUMENT},
      {{start, file, chunk}, grpc::StatusCode::DATA_LOSS},
      {{start, file}, grpc::StatusCode::OK},
  };
  for (const auto& [requests, code] : cases) {
    SCOPED_TRACE(requests.size());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 20s);
    const auto stream = stub->Push(&context);
    for (const auto& request : requests) (void)stream->Write(request);
    stream->WritesDone();
    for (towl::v1::PushResponse response; stream->Read(&response);) {
    }
    EXPECT_EQ(stream->Finish().error_code(), code);
  }
  EXPECT_TRUE(collector.stored().empty());
}

/// A collector that says what it is told to say.
class Liar final : public towl::v1::Towl::Service {
 public:
  Liar(towl::v1::PushPosition resume, std::optional<towl::v1::PushPosition> stored)
      : resume_(std::move(resume)), stored_(std::move(stored)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Liar() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::atomic<int> pushes = 0;

 private:
  grpc::Status Push(grpc::ServerContext*,
                    grpc::ServerReaderWriter<towl::v1::PushResponse, towl::v1::PushRequest>* stream) override {
    ++pushes;
    towl::v1::PushRequest request;
    stream->Read(&request);
    towl::v1::PushResponse answer;
    *answer.mutable_resume() = resume_;
    stream->Write(answer);
    while (stream->Read(&request)) {
      if (!stored_ || !request.has_chunk()) continue;
      *answer.mutable_stored() = *stored_;
      stream->Write(answer);
    }
    return grpc::Status::OK;
  }

  const towl::v1::PushPosition resume_;
  const std::optional<towl::v1::PushPosition> stored_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

towl::v1::PushPosition position_of(std::uint64_t file, std::uint64_t count, std::uint64_t digest = 0) {
  towl::v1::PushPosition position;
  position.set_file_id(file);
  position.set_count(count);
  position.set_digest(digest);
  return position;
}

// A stranger has pushed under the agent's identity, or the collector lies: nothing may be removed for it.
TEST(Forwarding, ACollectorIsNotBelievedToHaveWhatWasNotSent) {
  for (const auto& resume :
       {position_of(1, 500, 7), position_of(3, 0), position_of(1, 999'999), position_of(~0ULL, 1)}) {
    SCOPED_TRACE(resume.ShortDebugString());
    Node agent(1000, {.max_bytes = 1});
    agent.append(2500);
    Liar liar(resume, std::nullopt);
    const auto forwarder = forward(agent, {liar.address()});
    ASSERT_TRUE(eventually([&] { return liar.pushes >= 3; }));
    EXPECT_EQ(forwarder->state().acknowledged, PushPosition{});
    EXPECT_GE(forwarder->state().failures, 2u);
    EXPECT_EQ(agent.stored().size(), 2500u);
  }
}

TEST(Forwarding, AnAcknowledgementOfMoreThanWasSentCountsForNothing) {
  Node agent(1000);
  agent.append(2500);
  Liar liar(position_of(0, 0), position_of(~0ULL, ~0ULL));
  const auto forwarder = forward(agent, {liar.address()});
  ASSERT_TRUE(eventually([&] { return liar.pushes >= 3; }));
  EXPECT_EQ(forwarder->state().acknowledged, PushPosition{});
}

// Each forwards to the other, or to itself: an entry comes through each store once at most.
TEST(Forwarding, EntriesDoNotGoRound) {
  Node self;
  self.append(10);
  self.serve();
  const auto to_itself = forward(self, {self.address()});
  ASSERT_TRUE(eventually([&] { return to_itself->state().failures >= 2; }));
  EXPECT_EQ(self.stored(), numbered_entries(0, 10));

  Node a;
  Node b;
  Node c;
  for (Node* node : {&a, &b, &c}) {
    node->append(10);
    node->serve();
  }
  const auto from_a = forward(a, {b.address()});
  const auto from_b = forward(b, {c.address()});
  const auto from_c = forward(c, {a.address()});
  // One of the three must be refused for good; what went before that is bounded.
  const auto failures = [&] { return from_a->state().failures + from_b->state().failures + from_c->state().failures; };
  ASSERT_TRUE(eventually([&] { return failures() >= 6; }, 60s));
  const auto all = [&] { return a.count() + b.count() + c.count(); };
  std::uint64_t before = all();
  EXPECT_TRUE(eventually(
      [&] {
        const bool same = all() == before && failures() >= 8;
        before = all();
        return same;
      },
      60s));
  EXPECT_LE(all(), 150u);
}

}  // namespace
}  // namespace towld
