#include "fault/ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <thread>

#include "support/stores.hpp"
#include "towl/recover.hpp"

namespace towl::test {
namespace {

using namespace std::chrono_literals;

/// Entry `number` of a producer. Most are short, some span pages.
Entry produced(std::size_t producer, std::uint64_t number) {
  std::uint64_t mixed = (number + 1) * 0x9e3779b97f4a7c15u ^ (producer + 1) * 0xc2b2ae3d27d4eb4fu;
  mixed ^= mixed >> 29;
  const std::size_t length = mixed % 64 == 0 ? 3000 + mixed % 5000 : mixed % 200;
  std::string text = std::to_string(number) + " ";
  while (text.size() < length) {
    mixed = mixed * 6364136223846793005u + 1442695040888963407u;
    text += std::to_string(mixed);
  }
  return {"p" + std::to_string(producer), static_cast<Timestamp>(number), LogFormat::text, std::move(text)};
}

std::optional<std::size_t> producer_of(const Entry& entry, std::size_t producers) {
  for (std::size_t i = 0; i < producers; ++i) {
    if (entry.sender == "p" + std::to_string(i)) return i;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::vector<StoredEntry>> read_back(const std::filesystem::path& folder, Collector& collector,
                                                std::size_t producers) {
  std::vector<std::vector<StoredEntry>> stored(producers);
  const auto store = Store::open(folder);
  if (!store) {
    ADD_FAILURE() << store.error().to_string();
    return stored;
  }
  const auto listing = store->list();
  if (!listing) {
    ADD_FAILURE() << listing.error().to_string();
    return stored;
  }
  for (const auto& file : listing->unreadable) ADD_FAILURE() << file.error.to_string();
  std::uint64_t count = 0;
  for (const auto& file : listing->files) {
    auto reader = FileReader::open(file.path);
    EXPECT_TRUE(reader) << reader.error().to_string();
    if (!reader) return stored;
    std::uint64_t entries = 0;
    for (auto next = reader->next(); !next || *next; next = reader->next()) {
      EXPECT_TRUE(next) << next.error().to_string();
      if (!next) return stored;
      const Entry entry(**next);
      const std::uint64_t ordinal = reader->ordinal();  // Some before it may have been burnt by a crash.
      const auto producer = producer_of(entry, producers);
      if (!producer || as_sent(entry) != produced(*producer, static_cast<std::uint64_t>(entry.time()))) {
        ADD_FAILURE() << "nobody produced entry " << ordinal << " of file " << file.file_id << ": "
                      << testing::PrintToString(entry);
        return stored;
      }
      stored[*producer].push_back({static_cast<std::uint64_t>(entry.time()), file.file_id, ordinal});
      ++entries;
    }
    // Ordinals that were burnt are counted too, and are nobody's.
    const auto verified = verify(file.path);
    EXPECT_TRUE(verified) << verified.error().to_string();
    count += entries + (verified ? verified->lost : 0);
  }
  std::uint64_t served = 0;
  for (const auto& file : list(collector.stub())) served += file.count();
  EXPECT_EQ(served, count) << "the collector serves another number of ordinals than there are";
  return stored;
}

void LedgerProducer::produce(v1::Towl::Stub& stub, const Load& load, const std::atomic<bool>& stop) {
  durability_ = load.durability;
  while (!stop) {
    produce_one_stream(stub, load, stop);
    if (stop) return;
    ++refused_;
    std::this_thread::sleep_for(5ms);
  }
}

void LedgerProducer::produce_one_stream(v1::Towl::Stub& stub, const Load& load, const std::atomic<bool>& stop) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 120s);
  const auto stream = stub.Append(&context);
  std::atomic<bool> broken = false;
  std::jthread sender([&] {
    for (std::uint64_t batch = ledger_.size(); !stop && !broken; ++batch) {
      std::vector<Entry> entries;
      for (std::uint64_t i = 0; i < kBatch; ++i) entries.push_back(produced(id_, base_ + batch * kBatch + i));
      sent_ = std::max(sent_, batch + 1);
      const std::string producer_id = "p" + std::to_string(id_) + "-" + std::to_string(run_);
      if (!stream->Write(make_request(entries, producer_id, batch + 1, load.durability))) break;
      if (load.pause.count() > 0) std::this_thread::sleep_for(load.pause);
    }
    stream->WritesDone();
  });
  for (v1::AppendResponse response; stream->Read(&response);) {
    EXPECT_EQ(response.sequence(), ledger_.size() + 1) << "producer " << id_;
    EXPECT_EQ(response.durability(), load.durability) << "producer " << id_;
    ledger_.push_back({Clock::now(), {response.ranges().begin(), response.ranges().end()}});
    acknowledged_ += kBatch;
  }
  broken = true;
  sender.join();
  stream->Finish();
}

std::uint64_t LedgerProducer::promised(std::optional<Clock::time_point> interval_safe) const {
  if (durability_ == v1::DURABILITY_SYNCED || !interval_safe) return base_ + ledger_.size() * kBatch;
  if (durability_ != v1::DURABILITY_INTERVAL) return base_;
  const auto late = std::find_if(ledger_.begin(), ledger_.end(),
                                 [&](const Acknowledged& batch) { return batch.time >= *interval_safe; });
  return base_ + static_cast<std::uint64_t>(late - ledger_.begin()) * kBatch;
}

std::string LedgerProducer::acknowledged_as(std::uint64_t number) const {
  const std::string entry = "entry " + std::to_string(number) + " ";
  if (number < base_) return entry + "was there before";
  const std::size_t batch = (number - base_) / kBatch;
  if (batch >= ledger_.size()) return entry + "was not acknowledged";
  std::string text = entry + "was acknowledged at";
  for (const v1::StoredRange& range : ledger_[batch].ranges) text += " " + range.ShortDebugString() + ";";
  return text;
}

void LedgerProducer::check(const std::vector<StoredEntry>& stored,
                           std::optional<Clock::time_point> interval_safe) const {
  SCOPED_TRACE("producer " + std::to_string(id_));
  // Each once and in order: a batch may have been cut in its middle, then it was not acknowledged.
  for (std::size_t i = 0; i < stored.size(); ++i) {
    ASSERT_EQ(stored[i].number, i) << "file " << stored[i].file_id << ", ordinal " << stored[i].ordinal << "; "
                                   << acknowledged_as(i);
  }
  ASSERT_GE(stored.size(), promised(interval_safe)) << "acknowledged entries are lost";
  ASSERT_LE(stored.size(), base_ + sent_ * kBatch) << "more than was sent";
  // An address that was told to anyone is final, at every level.
  for (std::size_t batch = 0; batch < ledger_.size(); ++batch) {
    std::size_t i = base_ + batch * kBatch;
    for (const v1::StoredRange& range : ledger_[batch].ranges) {
      for (std::uint64_t n = 0; n < range.count(); ++n, ++i) {
        ASSERT_LT(i, stored.size());
        ASSERT_EQ(stored[i].file_id, range.file_id()) << "entry " << i;
        ASSERT_EQ(stored[i].ordinal, range.first() + n) << "entry " << i;
      }
    }
  }
}

void LedgerProducer::forget_from(Clock::time_point time) {
  while (!ledger_.empty() && ledger_.back().time >= time) {
    ledger_.pop_back();
    acknowledged_ -= kBatch;
  }
}

void LedgerProducer::go_on_behind(const std::vector<StoredEntry>& stored) {
  base_ = stored.size();
  ++run_;
  ledger_.clear();
  sent_ = 0;
  acknowledged_ = 0;
  refused_ = 0;
}

std::uint64_t seed_of_test() {
  const char* set = std::getenv("TOWL_TEST_SEED");
  return set != nullptr ? std::strtoull(set, nullptr, 10) : std::random_device{}();
}

}  // namespace towl::test
