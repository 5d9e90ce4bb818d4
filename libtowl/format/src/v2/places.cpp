#include "v2/places.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace towl::detail::v2 {
namespace {

// The key is chosen from so many of the first values.
constexpr std::size_t kSampledPlaces = 1024;
// And the form from so many.
constexpr std::size_t kTried = 16384;
// For fewer than this a choice is not worth its cost.
constexpr std::size_t kFewPlaces = 32;
// A form is tried if its estimate is at most so many times the least one.
constexpr double kClose = 1.2;
// The cost of saying where a run of equal codes ends.
constexpr double kChangeBits = 8;
// What a plane of codes takes in addition: its table.
constexpr double kTableBits = 200;

// What zstd makes of a run of symbols, roughly: their entropy, or where they change. In bits.
template <class Symbol>
double coded_bits(std::span<const Symbol> symbols, std::span<std::uint32_t> counts) {
  std::size_t changes = 0;
  Symbol before = symbols.front();
  for (const Symbol symbol : symbols) {
    ++counts[symbol];
    changes += symbol != before ? 1 : 0;
    before = symbol;
  }
  double weighted = 0;
  for (const std::uint32_t count : counts) {
    if (count > 1) weighted += count * std::log2(count);
  }
  const auto n = static_cast<double>(symbols.size());
  const double each = std::log2(n) - weighted / n;
  return std::min(n * each, static_cast<double>(changes) * (each + kChangeBits)) + kTableBits;
}

double bits_of(std::uint32_t distinct) { return std::log2(static_cast<double>(distinct)); }

}  // namespace

void PlaceMemory::to_front(std::uint32_t place, std::size_t from) {
  if (from == recent_count_) {
    if (recent_count_ < kRecent) ++recent_count_;
    from = recent_count_ - 1;
  }
  std::memmove(recent_.data() + 1, recent_.data(), from * sizeof(std::uint32_t));
  recent_[0] = place;
}

// Where `place` is in the list, or the list's end. In steps that a compiler turns into one instruction.
std::size_t PlaceMemory::find_recent(std::uint32_t place) const {
  constexpr std::size_t kStep = 8;
  for (std::size_t at = 0; at < recent_count_; at += kStep) {
    bool is_here = false;
    for (std::size_t i = 0; i < kStep; ++i) is_here |= recent_[at + i] == place;
    if (!is_here) continue;
    while (at < recent_count_ && recent_[at] != place) ++at;
    if (at < recent_count_) return at;
  }
  return recent_count_;
}

unsigned PlaceMemory::encode(std::uint32_t key, std::uint32_t place) {
  if (last_[key] == place) return kExpected;
  last_[key] = place;
  if (place == next_) {
    ++next_;
    to_front(place, recent_count_);
    return kNewPlace;
  }
  const std::size_t from = find_recent(place);
  const bool is_recent = from < recent_count_;
  to_front(place, from);
  return is_recent ? static_cast<unsigned>(kFirstRecent + from) : kOtherPlace;
}

// Codes `places`, and says about how many bits they take.
double PlacePlan::encode(std::span<const std::uint32_t> places, std::uint32_t form, const PlaceKeys* keys) {
  memory_.start(form == kNoKey ? 1 : form == kOwnKey ? std::size_t{distinct_} + 1 : keys->distinct);
  codes_.resize(places.size());
  others_.clear();
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::uint32_t key = form == kNoKey ? 0 : form == kOwnKey ? before : keys->places[i];
    before = places[i] + 1;
    const unsigned code = memory_.encode(key, places[i]);
    codes_[i] = static_cast<char>(static_cast<unsigned char>(code));
    if (code == kOtherPlace) others_.push_back(places[i]);
  }
  std::array<std::uint32_t, 256> counts{};
  const std::span codes(reinterpret_cast<const unsigned char*>(codes_.data()), codes_.size());
  return coded_bits(codes, std::span(counts)) + static_cast<double>(others_.size()) * bits_of(distinct_);
}

void PlacePlan::make(std::span<const std::uint32_t> places, std::uint32_t distinct, std::span<const PlaceKeys> keys,
                     SectionWriter& sections) {
  distinct_ = distinct;
  form_ = kPlainPlaces;
  keys_ = nullptr;
  if (places.size() < kFewPlaces) {
    bytes_ = static_cast<double>(places.size()) * bits_of(distinct) / 8 + 2;
    return;
  }
  // Forms are ranked by an estimate from few places; those close to the best are tried.
  const auto sample = places.first(std::min(places.size(), kSampledPlaces));
  counts_.assign(distinct, 0);
  const double plain = coded_bits(sample, std::span(counts_));
  const double unkeyed = encode(sample, kNoKey, nullptr);
  std::uint32_t form = kOwnKey;
  double keyed = encode(sample, kOwnKey, nullptr);
  for (const PlaceKeys& other : keys) {
    if (other.places.size() != places.size()) continue;
    const double bits = encode(sample, kColumnKey + other.column, &other);
    if (bits < keyed) {
      keyed = bits;
      form = kColumnKey + other.column;
      keys_ = &other;
    }
  }
  const double least = std::min({plain, unkeyed, keyed}) * kClose;
  const auto tried = places.first(std::min(places.size(), kTried));
  others_.assign(tried.begin(), tried.end());
  plan_.make(others_, false);
  bytes_ = static_cast<double>(plan_.measured_bytes(sections));
  const auto consider = [&](std::uint32_t with_form, const PlaceKeys* with) {
    encode(tried, with_form, with);
    const double bytes = static_cast<double>(sections.packed_bytes(codes_)) +
                         static_cast<double>(others_.size()) * bits_of(distinct) / 8;
    if (bytes < bytes_) {
      bytes_ = bytes;
      form_ = with_form;
    }
  };
  if (unkeyed < least) consider(kNoKey, nullptr);
  if (keyed < least) consider(form, keys_);
  bytes_ *= static_cast<double>(places.size()) / static_cast<double>(tried.size());
}

void PlacePlan::write(std::span<const std::uint32_t> places, SectionWriter& sections, std::string& directory) {
  put_varint(directory, form_);
  if (form_ == kPlainPlaces) {
    others_.assign(places.begin(), places.end());
    plan_.make(others_, false);
    plan_.write(kIndexes, sections, directory);
    return;
  }
  encode(places, form_, keys_);
  put_varint(directory, sections.add(kIndexes, codes_));
  put_varint(directory, others_.size());
  if (!others_.empty()) {
    plan_.make(others_, false);
    plan_.write(kIndexes, sections, directory);
  }
}

std::optional<PlacesRun> read_places_run(ByteReader& directory, std::uint32_t count, std::uint32_t distinct,
                                         SectionReader& sections) {
  PlacesRun run;
  run.distinct = distinct;
  run.form = static_cast<std::uint32_t>(directory.varint_up_to(std::numeric_limits<std::uint32_t>::max()));
  run.others = count;
  if (run.form != kPlainPlaces) {
    const std::optional<Part> codes = sections.take(directory.varint(), count);
    if (!codes) return std::nullopt;
    run.codes = *codes;
    run.others = static_cast<std::uint32_t>(directory.varint_up_to(count));
  }
  if (!directory.ok()) return std::nullopt;
  if (run.others == 0) return run;
  const std::optional<NumberRun> numbers = read_number_run(directory, run.others, sections);
  if (!numbers) return std::nullopt;
  run.numbers = *numbers;
  return run;
}

bool PlaceReader::read(const PlacesRun& run, std::uint32_t count, const std::uint64_t* keys, std::uint32_t key_distinct,
                       SectionReader& sections, std::uint64_t* to) {
  if (run.form == kPlainPlaces) {
    if (!read_numbers(run.numbers, count, sections, to)) return false;
    return std::all_of(to, to + count, [&](std::uint64_t place) { return place < run.distinct; });
  }
  others_.resize(run.others);
  const char* codes = sections.bytes(run.codes);
  if (codes == nullptr || (run.others != 0 && !read_numbers(run.numbers, run.others, sections, others_.data()))) {
    return false;
  }
  memory_.start(run.form == kNoKey ? 1 : run.form == kOwnKey ? std::size_t{run.distinct} + 1 : key_distinct);
  std::size_t other = 0;
  std::uint32_t key = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const unsigned code = static_cast<unsigned char>(codes[i]);
    std::uint32_t explicit_place = 0;
    if (code == kOtherPlace) {
      if (other == others_.size() || others_[other] >= run.distinct) return false;
      explicit_place = static_cast<std::uint32_t>(others_[other++]);
    }
    if (run.form >= kColumnKey) key = static_cast<std::uint32_t>(keys[i]);
    const std::uint32_t place = memory_.decode(key, code, explicit_place);
    if (place >= run.distinct) return false;
    to[i] = place;
    if (run.form == kOwnKey) key = place + 1;
  }
  return other == others_.size();
}

}  // namespace towl::detail::v2
