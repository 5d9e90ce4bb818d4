// An application mirrors a store over a transport of its own, with only towl's public headers: pipe.hpp.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <thread>

#include "mirror/pipe.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"

namespace towl::test {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class PipeMirror : public testing::Test {
 protected:
  StoreMirror open_mirror() {
    auto mirror = StoreMirror::open(copy_.path());
    EXPECT_TRUE(mirror) << mirror.error().to_string();
    return std::move(*mirror);
  }
  std::vector<Entry> mirrored() { return read_all(*Store::open(copy_.path())); }

  TempFolder store_;
  TempFolder copy_;
};

// Closed, sealed and open files.
void fill(Server& server) {
  server.append(1000);
  server.seal(2);
}

TEST_F(PipeMirror, AColdCopyHasAllAndASecondOneSendsNothing) {
  Server server(store_.path());
  fill(server);
  auto mirror = open_mirror();
  EXPECT_TRUE(sync(server, mirror).complete);
  EXPECT_EQ(mirrored(), numbered_entries(0, 1000));
  // Sealed: the same byte for byte, except for positions, which stay there.
  const std::string sealed = bytes_of(store_ / "2.towl");
  const std::string copied = bytes_of(copy_ / "2.towl");
  ASSERT_EQ(copied.size(), sealed.size());
  std::size_t differing = 0;
  for (std::size_t at = 0; at < sealed.size(); ++at) differing += sealed[at] != copied[at] ? 1 : 0;
  EXPECT_LE(differing, 60u);
  const auto again = sync(server, mirror);
  EXPECT_TRUE(again.complete);
  EXPECT_LT(again.bytes, 2000u);
  EXPECT_EQ(mirror.identity().size(), 32u);
}

TEST_F(PipeMirror, ACutAfterAnyByteIsResumed) {
  Server server(store_.path());
  fill(server);
  const std::uint64_t total = [&] {
    TempFolder folder;
    auto mirror = StoreMirror::open(folder.path());
    return sync(server, *mirror).bytes;
  }();
  for (std::uint64_t cut = 1; cut < total; cut += 1 + total / 150) {
    SCOPED_TRACE(cut);
    for (const auto& entry : std::filesystem::directory_iterator(copy_.path())) std::filesystem::remove_all(entry);
    {
      auto mirror = open_mirror();
      EXPECT_FALSE(sync(server, mirror, cut).complete);
    }
    // What is there is the beginning of the truth, file by file.
    for (FileId id = 1; id <= 3; ++id) {
      const auto path = copy_ / (std::to_string(id) + ".towl");
      if (!std::filesystem::exists(path)) continue;
      const auto have = read_all(path);
      EXPECT_EQ(have, numbered_entries((id - 1) * 400, have.size()));
    }
    auto mirror = open_mirror();
    const auto rest = sync(server, mirror);
    EXPECT_TRUE(rest.complete);
    EXPECT_EQ(rest.set_aside, 0u);
    // Nothing twice but the message that was cut, the list, and what is said of each file.
    EXPECT_LE(rest.bytes, total - cut + 6000);
    EXPECT_EQ(mirrored(), numbered_entries(0, 1000));
    if (HasFailure()) return;
  }
}

// Each connection is cut a little later than the one before: the copy grows with each of them.
TEST_F(PipeMirror, AnUnreliableWireGetsThereInTheEnd) {
  Server server(store_.path());
  fill(server);
  bool complete = false;
  for (int connection = 0; connection < 200 && !complete; ++connection) {
    auto mirror = open_mirror();
    complete = sync(server, mirror, 3000 + static_cast<std::uint64_t>(connection) * 400).complete;
    if (connection == 3) {
      server.append(100);
      server.seal(1);
    }
  }
  ASSERT_TRUE(complete);
  EXPECT_EQ(mirrored(), numbered_entries(0, 1100));
}

TEST_F(PipeMirror, FollowsOverPartitions) {
  Server server(store_.path());
  server.append(10);
  auto mirror = open_mirror();
  EXPECT_TRUE(sync(server, mirror).complete);
  std::array<int, 2> up{};
  std::array<int, 2> down{};
  ASSERT_EQ(::pipe(up.data()) + ::pipe(down.data()), 0);
  End there(up[0], down[1], UINT64_MAX);
  End here(down[0], up[1], UINT64_MAX);
  std::jthread answering([&] { server.answer(there); });
  std::jthread writing([&] {
    for (int i = 0; i < 20; ++i) server.append(50);
  });
  const auto enough = [&] {
    const auto path = copy_ / "3.towl";
    return std::filesystem::exists(path) && read_all(path).size() == 1010 - 800;
  };
  FeedReceiver receiver(mirror);
  ASSERT_TRUE(receiver.open(**server.catalog().find(1)));
  EXPECT_EQ(pull(here, receiver, true, enough), Outcome::cut);
  writing.join();
  server.stop();
  here.close();
  answering.join();
  EXPECT_EQ(mirrored(), numbered_entries(0, 1010));
}

// Another store at the same place: its files do not get among those of the first.
TEST_F(PipeMirror, AnotherStoreIsKeptApart) {
  Server first(store_.path());
  fill(first);
  {
    auto mirror = open_mirror();
    ASSERT_TRUE(sync(first, mirror).complete);
  }
  const std::string kept = bytes_of(copy_ / "3.towl");
  TempFolder other;
  Server second(other.path());
  second.append(500);
  auto mirror = open_mirror();
  const std::string before = mirror.identity();
  const auto met = sync(second, mirror);
  EXPECT_TRUE(met.complete);
  EXPECT_EQ(met.set_aside, 0u);
  ASSERT_EQ(met.other_store, copy_ / ("store-" + before));
  EXPECT_TRUE(bytes_of(*met.other_store / "3.towl") == kept);
  EXPECT_EQ(read_all(*Store::open(*met.other_store)), numbered_entries(0, 1000));
  EXPECT_EQ(mirrored(), numbered_entries(0, 500));
  EXPECT_NE(mirror.identity(), before);
  // And back: the files of either stay where they are, under other names.
  EXPECT_TRUE(sync(first, mirror).complete);
  EXPECT_TRUE(sync(second, mirror).complete);
  EXPECT_EQ(mirrored(), numbered_entries(0, 500));
  EXPECT_TRUE(std::filesystem::exists(copy_ / ("store-" + before) / "3.towl.1"));
}

// A store that was put back from a copy has its identity, and other entries from some point on.
TEST_F(PipeMirror, ADivergedFileIsSetAside) {
  TempFolder backup;
  {
    Server server(store_.path());
    server.append(100);
    std::filesystem::copy(store_ / "1.towl", backup / "1.towl");
    server.append(50);
    auto mirror = open_mirror();
    ASSERT_TRUE(sync(server, mirror).complete);
  }
  Server server(backup.path());
  server.append(200);  // Others than the 50.
  auto mirror = open_mirror();
  const auto met = sync(server, mirror);
  EXPECT_TRUE(met.complete);
  EXPECT_EQ(met.set_aside, 1u);
  EXPECT_FALSE(met.other_store);
  EXPECT_EQ(mirrored().size(), 300u);
  EXPECT_EQ(read_all(copy_ / "1.towl.diverged"), numbered_entries(0, 150));
}

// If the store cannot read a frame any more, the copy has a gap; once it can, a second copy takes the first one's
// place.
TEST_F(PipeMirror, DamageIsAGapUntilItIsHealed) {
  Server server(store_.path(), 5000);
  server.append(700);  // 100 frames of 7 entries
  const auto path = store_ / "1.towl";
  const auto flip = [&, at = std::filesystem::file_size(path) / 2] {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(~byte));
  };
  flip();
  auto mirror = open_mirror();
  EXPECT_TRUE(sync(server, mirror).complete);
  const ServedFile remote = **server.catalog().find(1);
  const auto copy = mirror.file(remote);
  ASSERT_TRUE(copy);
  EXPECT_EQ((*copy)->count(), 700u);
  EXPECT_EQ((*copy)->gaps(), 1u);
  const auto lost = (*copy)->lost();
  ASSERT_TRUE(lost);
  ASSERT_EQ(lost->size(), 1u);
  EXPECT_EQ(lost->front().count, 7u);
  auto wanted = numbered_entries(0, 700);
  wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(lost->front().first),
               wanted.begin() + static_cast<std::ptrdiff_t>(lost->front().first + 7));
  EXPECT_EQ(mirrored(), wanted);
  EXPECT_TRUE(verify(copy_ / "1.towl")->whole());
  EXPECT_EQ(verify(copy_ / "1.towl")->lost, 7u);

  flip();
  std::array<int, 2> up{};
  std::array<int, 2> down{};
  ASSERT_EQ(::pipe(up.data()) + ::pipe(down.data()), 0);
  End there(up[0], down[1], UINT64_MAX);
  End here(down[0], up[1], UINT64_MAX);
  std::jthread answering([&] { server.answer(there); });
  FeedReceiver beside(mirror);
  ASSERT_TRUE(beside.open_beside(remote));
  EXPECT_EQ(pull(here, beside), Outcome::complete);
  ASSERT_TRUE(beside.heal());
  EXPECT_EQ(beside.file()->gaps(), 0u);
  EXPECT_TRUE(beside.file()->up_to_date(remote));
  EXPECT_EQ(mirrored(), numbered_entries(0, 700));
  here.close();
}

// A follower asks for what comes after the newest file, even if that is sealed and complete: its end was there twice
// then.
TEST_F(PipeMirror, ASealedFileThatIsCompleteStaysAsItIs) {
  Server server(store_.path());
  fill(server);
  auto mirror = open_mirror();
  ASSERT_TRUE(sync(server, mirror).complete);
  const auto path = copy_ / "2.towl";
  const std::string whole = bytes_of(path);
  const ServedFile remote = **server.catalog().find(2);
  const auto pull_again = [&] {
    std::array<int, 2> up{};
    std::array<int, 2> down{};
    ASSERT_EQ(::pipe(up.data()) + ::pipe(down.data()), 0);
    End there(up[0], down[1], UINT64_MAX);
    End here(down[0], up[1], UINT64_MAX);
    std::jthread answering([&] { server.answer(there); });
    EXPECT_EQ(pull(here, mirror, remote), Outcome::complete);
    here.close();
  };
  pull_again();
  EXPECT_TRUE(bytes_of(path) == whole);
  EXPECT_TRUE(verify(path)->whole());

  // A copy that has its end twice is not up to date, and loses the second one.
  std::ofstream(path, std::ios::binary | std::ios::app) << whole.substr(whole.size() - 2000);
  EXPECT_FALSE((*mirror.file(remote))->up_to_date(remote));
  pull_again();
  EXPECT_TRUE(bytes_of(path) == whole);
  EXPECT_TRUE((*mirror.file(remote))->up_to_date(remote));
}

TEST_F(PipeMirror, OnlyOneWritesToAMirror) {
  const auto mirror = open_mirror();
  const auto second = StoreMirror::open(copy_.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::locked);
}

}  // namespace
}  // namespace towl::test
