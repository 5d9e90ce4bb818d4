// Payloads that no writer made: they are refused, or give entries as many and as long as the frame's header says.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "format/columns_support.hpp"
#include "v2/sealed_frame.hpp"
#include "v2/value_shape.hpp"

namespace towl::detail::v2 {
namespace {

// Looks at all that a search may look at, and wants every second text.
class EverySecond final : public FrameSieve {
 public:
  Texts sift(SealedFrame& frame, std::vector<std::uint64_t>& chosen) override {
    look_at(frame.texts());
    if (frame.nested() != nullptr) look_at(*frame.nested());
    chosen.assign((frame.count() + 63) / 64, 0x5555'5555'5555'5555);
    return Texts::some;
  }

  unsigned seen = 0;

 private:
  void look_at(TextDecoder& texts) {
    for (const char c : texts.template_bytes()) seen += static_cast<unsigned char>(c);
    // Backwards: what a column needs of others is then not read yet.
    for (std::size_t i = texts.columns(); i-- > 0;) {
      seen += static_cast<unsigned>(shape_of(texts.column(i)).places.size());
      const bool is_dictionary = texts.column(i).kind == ColumnKind::dictionary;
      if (is_dictionary) {
        const auto distinct = texts.distinct(i);
        for (const std::uint64_t place : texts.places(i))
          seen += static_cast<unsigned char>(texts.at(distinct[place]).size());
      }
      for (const Ref& ref : texts.values(i)) {
        for (const char c : texts.at(ref)) seen += static_cast<unsigned char>(c);
      }
    }
  }
};

// The texts that a sieve chose are those of the whole.
void expect_harmless_sifted(std::string_view payload, std::uint32_t count, std::uint64_t bytes) {
  const std::vector<char> own(payload.begin(), payload.end());
  ColumnDecoder decoder;
  ColumnDecoder whole;
  EverySecond sieve;
  const auto begun = decoder.begin_sifted({own.data(), own.size()}, count, bytes, Wanted{}, 0, sieve);
  const auto sifted = begun ? decoder.build_chosen(count) : Result<std::span<const EntryView>>(fail(begun.error()));
  const auto all = whole.decode({own.data(), own.size()}, count, bytes);
  if (all) {
    ASSERT_TRUE(sifted) << sieve.seen;
  }
  if (!sifted) return;
  unsigned seen = sieve.seen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view text = (*sifted)[i].log_entry;
    if (all) {
      EXPECT_EQ(text, i % 2 == 0 ? (*all)[i].log_entry : std::string_view());
    }
    for (const char c : text) seen += static_cast<unsigned char>(c);
  }
  [[maybe_unused]] const volatile unsigned sink = seen;
}

// Either refused, or as many entries with as many bytes as the frame's header says.
void expect_harmless(ColumnDecoder& decoder, std::string_view payload, std::uint32_t count, std::uint64_t bytes) {
  for (const Wanted wanted : {Wanted{}, Wanted{true, false, false, false}, Wanted{false, false, true, false}}) {
    // In memory of its own, so that the address sanitizer sees a read after its end.
    const std::vector<char> own(payload.begin(), payload.end());
    const auto decoded = decoder.decode({own.data(), own.size()}, count, bytes, wanted);
    if (!decoded) {
      const bool is_of_version = payload.empty() || payload.front() == '\2';
      EXPECT_EQ(decoded.error().code, is_of_version ? ErrorCode::corrupt : ErrorCode::unsupported_version);
      EXPECT_FALSE(decoded.error().message.empty());
      continue;
    }
    std::uint64_t sum = 0;
    unsigned seen = 0;
    for (const EntryView& entry : *decoded) {
      sum += entry.sender.size() + entry.log_entry.size();
      for (const char c : entry.log_entry) {
        seen += static_cast<unsigned char>(c);
      }
      for (const char c : entry.sender) {
        seen += static_cast<unsigned char>(c);
      }
    }
    EXPECT_EQ(decoded->size(), count);
    EXPECT_LE(sum, bytes) << seen;
    if (wanted.sender && wanted.text) {
      EXPECT_EQ(sum, bytes);
    }
  }
  expect_harmless_sifted(payload, count, bytes);
}

TEST(HostileColumns, EveryBitFlipped) {
  const std::vector<Entry> entries = some_of_everything();
  std::string payload = encode(entries);
  ColumnDecoder decoder;
  for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
    SCOPED_TRACE(bit);
    payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ (1 << (bit % 8)));
    expect_harmless(decoder, payload, static_cast<std::uint32_t>(entries.size()), raw_bytes(entries));
    payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ (1 << (bit % 8)));
  }
}

TEST(HostileColumns, EveryTruncationAndTrailingBytesAreCorrupt) {
  const std::vector<Entry> entries = some_of_everything();
  const std::string payload = encode(entries);
  const auto count = static_cast<std::uint32_t>(entries.size());
  ColumnDecoder decoder;
  for (std::size_t cut = 0; cut < payload.size(); ++cut) {
    EXPECT_FALSE(decoder.decode(payload.substr(0, cut), count, raw_bytes(entries))) << cut;
  }
  EXPECT_FALSE(decoder.decode(payload + '\0', count, raw_bytes(entries)));
  EXPECT_TRUE(decoder.decode(payload, count, raw_bytes(entries)));
}

TEST(HostileColumns, AnotherHeaderIsCorrupt) {
  const std::vector<Entry> entries = some_of_everything();
  const std::string payload = encode(entries);
  const auto count = static_cast<std::uint32_t>(entries.size());
  const std::uint64_t bytes = raw_bytes(entries);
  ColumnDecoder decoder;
  for (const std::uint32_t other : {0U, 1U, count - 1, count + 1, kMaxFrameEntries, kMaxFrameEntries + 1, ~0U}) {
    EXPECT_FALSE(decoder.decode(payload, other, bytes)) << other;
  }
  for (const std::uint64_t other : {std::uint64_t{0}, bytes - 1, bytes + 1, bytes * 2}) {
    EXPECT_FALSE(decoder.decode(payload, count, other)) << other;
  }
  for (const char* version : {"\x01", "\x03"}) {
    const auto other = decoder.decode(version + payload.substr(1), count, bytes);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::unsupported_version);
  }
}

TEST(HostileColumns, AnyByteOfTheSectionsChanged) {
  const std::vector<Entry> entries = all_kinds();
  const auto count = static_cast<std::uint32_t>(entries.size());
  const std::uint64_t bytes = raw_bytes(entries);
  std::string payload = unpacked(encode(entries));
  ColumnDecoder decoder;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    SCOPED_TRACE(i);
    const char was = payload[i];
    for (const int change : {1, 0x80, 0xFF, static_cast<int>(static_cast<unsigned char>(was))}) {
      payload[i] = static_cast<char>(was ^ change);
      expect_harmless(decoder, payload, count, bytes);
    }
    payload[i] = was;
  }
}

TEST(HostileColumns, RandomBytesInSections) {
  const std::uint64_t seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const std::vector<Entry>& entries : {some_of_everything(), all_kinds()}) {
    const std::string payload = unpacked(encode(entries));
    ColumnDecoder decoder;
    for (int round = 0; round < 5'000; ++round) {
      std::string changed = payload;
      for (std::size_t n = 1 + random() % 3; n > 0; --n) {
        changed[random() % std::min<std::size_t>(changed.size(), 1000)] =
            static_cast<char>(random() % 2 == 0 ? random() : random() % 8);
      }
      expect_harmless(decoder, changed, static_cast<std::uint32_t>(entries.size()), raw_bytes(entries));
    }
  }
}

}  // namespace
}  // namespace towl::detail::v2
