#include "v2/places.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace towl::detail::v2 {
namespace {

// Numbered as they come up, as an encoder of columns has them.
std::vector<std::uint32_t> numbered(const std::vector<std::uint32_t>& values, std::uint32_t& distinct) {
  std::vector<std::uint32_t> number(70'000, ~0U);
  std::vector<std::uint32_t> places;
  distinct = 0;
  for (const std::uint32_t value : values) {
    if (number[value] == ~0U) number[value] = distinct++;
    places.push_back(number[value]);
  }
  return places;
}

struct Written {
  std::string directory;
  std::string payload;
};

Written write(std::span<const std::uint32_t> places, std::uint32_t distinct, std::span<const PlaceKeys> keys) {
  SectionWriter sections(1);
  PlacePlan plan;
  Written written;
  plan.make(places, distinct, keys, sections);
  plan.write(places, sections, written.directory);
  sections.write(written.payload);
  return written;
}

std::optional<std::vector<std::uint64_t>> read(const Written& written, std::uint32_t count, std::uint32_t distinct,
                                               std::span<const PlaceKeys> keys) {
  SectionReader sections;
  if (!sections.open(written.payload, 1 << 24, 0)) return std::nullopt;
  ByteReader directory(written.directory);
  const auto run = read_places_run(directory, count, distinct, sections);
  if (!run || !directory.at_end()) return std::nullopt;
  std::vector<std::uint64_t> key_places;
  std::uint32_t key_distinct = 0;
  if (run->key_column()) {
    for (const PlaceKeys& key : keys) {
      if (key.column != *run->key_column() || key.places.size() != count) continue;
      key_places.assign(key.places.begin(), key.places.end());
      key_distinct = key.distinct;
    }
    if (key_places.empty()) return std::nullopt;
  }
  std::vector<std::uint64_t> places(count);
  PlaceReader reader;
  if (!reader.read(*run, count, key_places.data(), key_distinct, sections, places.data())) return std::nullopt;
  return places;
}

void expect_round_trip(const std::vector<std::uint32_t>& values, std::span<const PlaceKeys> keys = {}) {
  std::uint32_t distinct = 0;
  const auto places = numbered(values, distinct);
  const auto back = read(write(places, distinct, keys), static_cast<std::uint32_t>(places.size()), distinct, keys);
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::equal(back->begin(), back->end(), places.begin(), places.end()));
}

TEST(Places, ComeBackWhateverTheyAreLike) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    const std::size_t count = 2 + random() % (round % 20 == 0 ? 65'000 : 3000);
    const std::size_t range = 2 + random() % (round % 3 == 0 ? 60'000 : 600);
    PlaceKeys keys{.column = 4, .distinct = 50, .places = {}};
    std::vector<std::uint32_t> values = {0, 1};
    for (std::size_t i = 0; i < count; ++i) {
      keys.places.push_back(static_cast<std::uint32_t>(random() % keys.distinct));
      if (i < 2) continue;
      switch (random() % (1 + static_cast<std::uint64_t>(round) % 5)) {
        case 0:
          values.push_back(values[i - 1]);
          break;
        case 1:
          values.push_back(keys.places[i] % static_cast<std::uint32_t>(range));
          break;
        case 2:
          values.push_back(values[i - 1 - random() % std::min<std::size_t>(i, 300)]);
          break;
        default:
          values.push_back(static_cast<std::uint32_t>(random() % range));
          break;
      }
    }
    expect_round_trip(values, {&keys, 1});
    expect_round_trip(values);
  }
}

// Each form pays somewhere.
TEST(Places, TakeTheFormThatIsSmallest) {
  std::mt19937_64 random(3);
  const auto form_of = [](const std::vector<std::uint32_t>& values, std::span<const PlaceKeys> keys) {
    std::uint32_t distinct = 0;
    const auto places = numbered(values, distinct);
    const Written written = write(places, distinct, keys);
    return static_cast<unsigned>(written.directory.front());
  };
  PlaceKeys keys{.column = 2, .distinct = 500, .places = {}};
  std::vector<std::uint32_t> bursts;
  std::vector<std::uint32_t> chain;
  std::vector<std::uint32_t> follows;
  std::vector<std::uint32_t> noise;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    keys.places.push_back(static_cast<std::uint32_t>(random() % 500));
    bursts.push_back(random() % 3 != 0 && i > 40 ? bursts[i - 1 - random() % 3]
                                                 : static_cast<std::uint32_t>(random() % 2000));
    chain.push_back(random() % 2 == 0 || i == 0 ? static_cast<std::uint32_t>(random() % 200)
                                                : (chain.back() * 7 + 1) % 200);
    follows.push_back(keys.places.back() * 31 % 499);
    noise.push_back(static_cast<std::uint32_t>(random() % 16));
  }
  EXPECT_EQ(form_of(bursts, {&keys, 1}), kNoKey);
  EXPECT_EQ(form_of(chain, {&keys, 1}), kOwnKey);
  EXPECT_EQ(form_of(follows, {&keys, 1}), kColumnKey + 2);
  EXPECT_EQ(form_of(noise, {&keys, 1}), kPlainPlaces);
}

// Codes that no writer writes are refused, or places below `distinct`.
TEST(Places, AnyCodesAreHarmless) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::size_t refused = 0;
  for (int round = 0; round < 2000; ++round) {
    SectionWriter sections(1);
    Written written;
    std::string codes;
    for (int i = 0; i < 40; ++i) codes += static_cast<char>(random() % (round % 2 == 0 ? 256 : 6));
    put_varint(written.directory, 1 + random() % 2);
    put_varint(written.directory, sections.add(kIndexes, codes));
    const std::uint64_t others = random() % 4;
    put_varint(written.directory, others);
    if (others != 0) {
      std::vector<std::uint64_t> numbers(others, random() % 12);
      NumberPlan plan;
      plan.make(numbers, false);
      plan.write(kIndexes, sections, written.directory);
    }
    sections.write(written.payload);
    const auto places = read(written, 40, 10, {});
    refused += places ? 0 : 1;
    for (const std::uint64_t place : places.value_or(std::vector<std::uint64_t>())) EXPECT_LT(place, 10U);
  }
  EXPECT_GT(refused, 0U);
}

}  // namespace
}  // namespace towl::detail::v2
