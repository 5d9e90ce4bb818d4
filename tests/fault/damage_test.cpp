// Damage of every kind, to every frame of files that are open, idle, closed and sealed. It costs at most the frame that
// it hit, and it is reported. Recovery cuts off nothing that was durable and assigns no ordinal twice. Repair keeps all
// that a reader gives, and counts what is lost.
#include <gtest/gtest.h>

#include <functional>

#include "fault/small_files.hpp"
#include "frame_feed.hpp"
#include "v2/digest.hpp"
#include "v2/layout.hpp"

namespace towl::test {
namespace {

namespace v2 = detail::v2;

struct Sort {
  const char* name;
  std::size_t frames_lost;  ///< At most.
  std::function<std::string(const SmallFile&, const StoredFrame&, const StoredFrame& next)> damage;
};

std::string flipped(const SmallFile& file, std::uint64_t at) {
  std::string bytes = file.bytes;
  bytes[at] = static_cast<char>(bytes[at] ^ 4);
  return bytes;
}

std::string with_zeros(const SmallFile& file, std::uint64_t at, std::size_t count) {
  std::string bytes = file.bytes;
  return bytes.insert(at, count, '\0');
}

std::vector<Sort> sorts() {
  using F = const StoredFrame&;
  using B = const SmallFile&;
  return {
      {"a bit of the header", 1, [](B file, F frame, F) { return flipped(file, frame.begin + 26); }},
      {"a bit of the payload", 1,
       [](B file, F frame, F) { return flipped(file, frame.begin + v2::kFrameHeaderBytes + 9); }},
      {"overwritten with zeros", 1,
       [](B file, F frame, F) {
         std::string bytes = file.bytes;
         zero(bytes, frame);
         return bytes;
       }},
      {"overwritten with ones", 1,
       [](B file, F frame, F) {
         return std::string(file.bytes).replace(frame.begin, frame.end - frame.begin, frame.end - frame.begin, '\xFF');
       }},
      {"512 zeros inserted before", 0, [](B file, F frame, F) { return with_zeros(file, frame.begin, 512); }},
      {"4096 zeros inserted before", 0, [](B file, F frame, F) { return with_zeros(file, frame.begin, 4096); }},
      {"100 zeros inserted before", 0, [](B file, F frame, F) { return with_zeros(file, frame.begin, 100); }},
      {"512 zeros inserted within", 1, [](B file, F frame, F) { return with_zeros(file, frame.begin + 136, 512); }},
      {"a byte removed within", 1,
       [](B file, F frame, F) { return std::string(file.bytes).erase(frame.begin + 136, 1); }},
      {"doubled", 0, [](B file, F frame, F) { return std::string(file.bytes).insert(frame.end, file.frame(frame)); }},
      {"a bit of the payload, and the last one doubled after it", 1,
       [](B file, F frame, F) {
         return flipped(file, frame.begin + v2::kFrameHeaderBytes + 9)
             .insert(frame.end, file.frame(file.data_frames().back()));
       }},
      {"doubled at the end", 0, [](B file, F frame, F) { return file.bytes + std::string(file.frame(frame)); }},
      {"removed", 1,
       [](B file, F frame, F) { return std::string(file.bytes).erase(frame.begin, frame.end - frame.begin); }},
      {"swapped with the next", 1,
       [](B file, F frame, F next) {
         return file.bytes.substr(0, frame.begin) + std::string(file.frame(next)) + std::string(file.frame(frame)) +
                file.bytes.substr(next.end);
       }},
      {"moved to the front", 1,
       [](B file, F frame, F) {
         std::string bytes = file.bytes;
         bytes.erase(frame.begin, frame.end - frame.begin);
         return bytes.insert(v2::kDataOffset, file.frame(frame));
       }},
      {"overwritten by the next", 1,
       [](B file, F frame, F next) {
         std::string bytes = file.bytes;
         return bytes.replace(frame.begin, frame.end - frame.begin, file.frame(next));
       }},
      {"overwritten by the next at an odd place", 2,
       [](B file, F frame, F next) {
         std::string bytes = file.bytes;
         return bytes.replace(frame.begin + 3, next.end - next.begin, file.frame(next));
       }},
      {"overwritten by the last two at an odd place", 3,
       [](B file, F frame, F) {
         const auto frames = file.data_frames();
         const StoredFrame& first = frames[frames.size() - 2];
         const std::size_t length = frames.back().end - first.begin;
         if (frame.begin + 5 + length > first.begin) return file.bytes;
         std::string bytes = file.bytes;
         return bytes.replace(frame.begin + 5, length, file.bytes.substr(first.begin, length));
       }},
  };
}

class Damage : public testing::TestWithParam<MadeFile> {
 protected:
  // `damaged(bytes, frame, sort)` for each sort of damage to each frame of entries.
  template <class Damaged>
  void each(Damaged damaged) {
    const auto frames = file.data_frames();
    for (const Sort& sort : sorts()) {
      for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
        SCOPED_TRACE(testing::Message() << sort.name << ": frame " << i << ", entries from " << frames[i].header.first);
        disk = std::make_unique<MemoryFileLayer>();
        const std::string bytes = sort.damage(file, frames[i], frames[i + 1]);
        if (bytes == file.bytes) continue;
        disk->set_contents(kDamagedPath, bytes);
        damaged(bytes, frames[i], sort);
        if (HasFailure()) return;
      }
    }
  }

  // Durable entries that are not among these.
  std::uint64_t lost(const Reading& reading) const {
    std::uint64_t count = 0;
    for (Ordinal i = 0; i < file.durable; ++i) count += reading.has(i) ? 0 : 1;
    return count;
  }

  std::uint64_t entries_of(std::size_t frames) const { return frames * file.data_frames().front().header.count; }

  const SmallFile file = GetParam().make();
  std::unique_ptr<MemoryFileLayer> disk;
};
INSTANTIATE_TEST_SUITE_P(Files, Damage,
                         testing::Values(MadeFile{"Open", [] { return file_of_commits(State::open); }},
                                         MadeFile{"Idle", [] { return file_of_commits(State::idle); }},
                                         MadeFile{"Closed", [] { return file_of_commits(State::closed); }},
                                         MadeFile{"Sealed", sealed_file_of_frames}),
                         [](const auto& made) { return made.param.name; });

TEST_P(Damage, CostsWhatItHitAndIsReported) {
  each([&](const std::string&, const StoredFrame&, const Sort& sort) {
    const Reading reading = read_damaged(*disk, file.entries);
    ASSERT_TRUE(reading.opened);
    ASSERT_LE(lost(reading), entries_of(sort.frames_lost)) << testing::PrintToString(reading.ordinals);
    ASSERT_TRUE(lost(reading) == 0 || !reading.errors.empty()) << "lost without an error";
    ASSERT_FALSE(is_whole(*disk)) << "verify does not see it";
  });
}

TEST_P(Damage, LosesNothingMoreWhenAWriterGoesOn) {
  if (GetParam().name == std::string("Sealed")) GTEST_SKIP() << "it takes no entries";
  each([&](const std::string&, const StoredFrame&, const Sort&) {
    const Reading before = read_damaged(*disk, file.entries);
    const auto recovered = recover(kDamagedPath, {.layer = disk.get()});
    ASSERT_TRUE(recovered) << recovered.error().to_string();
    const Reading after = read_damaged(*disk, file.entries);
    ASSERT_EQ(after.ordinals, before.ordinals) << "recovery changes what is read";
    auto writer = FileWriter::open(kDamagedPath, {.layer = disk.get()});
    ASSERT_TRUE(writer);
    const auto ordinal = writer->append(numbered_entry(1000));
    ASSERT_TRUE(ordinal && writer->close());
    ASSERT_GE(*ordinal, file.entries.size()) << "an ordinal is given out twice";
    auto extended = file.entries;
    extended.resize(static_cast<std::size_t>(*ordinal) + 1);
    extended.back() = numbered_entry(1000);
    const Reading more = read_damaged(*disk, extended);
    ASSERT_TRUE(more.has(*ordinal)) << findings(*disk);
    ASSERT_EQ(more.ordinals.size(), before.ordinals.size() + 1);
  });
}

TEST_P(Damage, IsRepairedWithoutLosingMoreAndCounted) {
  each([&](const std::string&, const StoredFrame&, const Sort&) {
    const Reading before = read_damaged(*disk, file.entries);
    const auto repaired = repair(kDamagedPath, {.layer = disk.get()});
    ASSERT_TRUE(repaired) << repaired.error().to_string();
    const Reading after = read_damaged(*disk, file.entries);
    ASSERT_EQ(after.ordinals, before.ordinals);
    ASSERT_TRUE(after.errors.empty()) << after.errors.front().to_string();
    ASSERT_TRUE(is_whole(*disk)) << findings(*disk);
    ASSERT_EQ(repaired->lost_entries, lost(before));
    const auto verified = verify(kDamagedPath, {.layer = disk.get()});
    ASSERT_EQ(verified->lost, lost(before) + repaired->recovered.burnt_ordinals);
  });
}

// Another copy has what is lost, be it still damaged or given up by a repair: the digest proves that it is the same.
TEST_P(Damage, IsHealedFromAnotherCopy) {
  const std::string copy = "/copy/1.towl";
  each([&](const std::string& bytes, const StoredFrame&, const Sort&) {
    disk->set_contents(copy, file.bytes);
    for (const bool given_up : {false, true}) {
      SCOPED_TRACE(given_up ? "after a repair" : "at once");
      disk->set_contents(kDamagedPath, bytes);
      const std::uint64_t missing = lost(read_damaged(*disk, file.entries));
      ASSERT_TRUE(!given_up || repair(kDamagedPath, {.layer = disk.get()}));
      const auto repaired = repair(kDamagedPath, {.layer = disk.get(), .from = copy});
      ASSERT_TRUE(repaired) << repaired.error().to_string();
      const Reading after = read_damaged(*disk, file.entries);
      ASSERT_EQ(lost(after), 0u) << findings(*disk);
      ASSERT_TRUE(after.errors.empty()) << after.errors.front().to_string();
      ASSERT_TRUE(is_whole(*disk)) << findings(*disk);
      ASSERT_EQ(repaired->filled_entries, missing);
      ASSERT_EQ(repaired->lost_entries, 0u);
      const std::string healed = disk->contents(kDamagedPath);
      ASSERT_TRUE(repair(kDamagedPath, {.layer = disk.get(), .from = copy}));
      ASSERT_TRUE(disk->contents(kDamagedPath) == healed) << "there is nothing to do any more";
    }
  });
}

// Only the entries that were lost are taken, no matter what the copy says about itself.
TEST_P(Damage, IsNotFilledWithOtherEntries) {
  const std::string copy = "/copy/1.towl";
  auto others = std::make_unique<MemoryFileLayer>();
  {
    auto writer = FileWriter::create(copy, {.file_id = 1, .org = "acme", .title = "damaged", .uuid = small_uuid(1)},
                                     {.layer = others.get()});
    ASSERT_TRUE(writer);
    for (std::uint64_t i = 0; i < file.entries.size(); ++i) ASSERT_TRUE(writer->append(numbered_entry(i + 500)));
    ASSERT_TRUE(writer->close());
  }
  each([&](const std::string&, const StoredFrame&, const Sort&) {
    const Reading before = read_damaged(*disk, file.entries);
    disk->set_contents(copy, others->contents(copy));
    const auto repaired = repair(kDamagedPath, {.layer = disk.get(), .from = copy});
    if (!repaired) {
      ASSERT_EQ(repaired.error().code, ErrorCode::invalid_argument) << repaired.error().to_string();
      return;
    }
    ASSERT_EQ(repaired->filled_entries, 0u);
    ASSERT_EQ(read_damaged(*disk, file.entries).ordinals, before.ordinals);
    ASSERT_TRUE(is_whole(*disk)) << findings(*disk);
  });
}

// A pull sends the entries that a reader gives, each from its own frame, and gaps for the others: no ordinal is passed
// over, and the digest after each gap is that of the entries as they were.
TEST_P(Damage, TravelsAsGapsInAPull) {
  Index all;
  all.count = file.durable;
  std::vector<std::uint64_t> digests = {0};
  for (const Entry& entry : file.entries) digests.push_back(v2::extend_digest(digests.back(), entry));
  all.digest = digests[file.durable];
  each([&](const std::string&, const StoredFrame&, const Sort&) {
    const Reading reading = read_damaged(*disk, file.entries);
    auto feed = detail::FrameFeed::open(*disk->open(kDamagedPath, OpenMode::read), kDamagedPath, small_uuid(1));
    ASSERT_TRUE(feed && (*feed)->seek(0));
    std::vector<Ordinal> sent;
    while ((*feed)->count() < file.durable) {
      const Ordinal first = (*feed)->count();
      const auto run = (*feed)->next_frames(all, 1);
      ASSERT_TRUE(run) << run.error().to_string();
      v2::FrameHeader header;
      ASSERT_EQ(v2::read_frame_header(run->bytes, file.tag, header), v2::FrameFound::frame);
      ASSERT_EQ(header.first, first);
      if (header.kind == v2::FrameKind::gap) {
        ASSERT_EQ(header.digest, digests[header.end()]);
      } else {
        for (Ordinal i = first; i < first + run->count; ++i) sent.push_back(i);
      }
    }
    auto readable = reading.ordinals;
    std::erase_if(readable, [&](Ordinal ordinal) { return ordinal >= (*feed)->count(); });
    ASSERT_EQ(sent, readable);
  });
}

}  // namespace
}  // namespace towl::test
