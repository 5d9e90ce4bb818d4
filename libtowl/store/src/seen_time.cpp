#include "seen_time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

#include "crc32c.hpp"

namespace towl::detail {
namespace {

// A look counts for at most this much agreement: nobody has seen what the clock did in between.
constexpr std::int64_t kLongestLookNs = std::int64_t{300} * kNanosecondsPerSecond;

// a - b, or the nearest number that fits.
std::int64_t difference(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_sub_overflow(a, b, &result)) return result;
  return a > b ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

Timestamp later(Timestamp time, std::int64_t ns) {
  Timestamp result = 0;
  return __builtin_add_overflow(time, ns, &result) ? std::numeric_limits<Timestamp>::max() : result;
}

std::string with_checksum(const std::string& text) {
  std::array<char, 16> checksum{};
  std::snprintf(checksum.data(), checksum.size(), " %08x\n", static_cast<unsigned>(crc32c(text)));
  return text + checksum.data();
}

struct Record {
  Timestamp seen = 0;
  bool in_doubt = false;
};

std::optional<Record> parse(std::string_view text) {
  Record record;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), record.seen);
  if (error != std::errc()) return std::nullopt;
  record.in_doubt = std::string_view(end, text.data() + text.size()).starts_with(" doubt");
  const std::string again = std::to_string(record.seen) + (record.in_doubt ? " doubt" : " sure");
  if (with_checksum(again) != text) return std::nullopt;
  return record;
}

}  // namespace

SeenTime::SeenTime(std::string_view record, Timestamp wall, std::int64_t steady)
    : seen_(wall), wall_(wall), steady_(steady) {
  const auto known = parse(record);
  if (!known) return;
  seen_ = known->seen;
  in_doubt_ = known->in_doubt || !agrees();
  // Nobody saw the time pass while nothing ran: for a short stop, the clock is believed.
  if (!in_doubt_) seen_ = wall;
}

bool SeenTime::agrees() const {
  const std::int64_t gap = difference(wall_, seen_);
  return gap <= kMaxGapNs && gap >= -kMaxGapNs;
}

void SeenTime::look(Timestamp wall, std::int64_t steady) {
  const std::int64_t passed = std::max<std::int64_t>(0, difference(steady, steady_));
  steady_ = steady;
  wall_ = wall;
  seen_ = later(seen_, passed);
  if (!agrees()) {
    in_doubt_ = true;
    agreed_ns_ = 0;
    return;
  }
  agreed_ns_ += std::min(passed, kLongestLookNs);
  if (agreed_ns_ >= kAgreementNs) confirm();
}

Timestamp SeenTime::time() const { return std::min(seen_, wall_); }

std::optional<std::int64_t> SeenTime::doubt() const {
  return in_doubt_ ? std::optional(difference(wall_, seen_)) : std::nullopt;
}

void SeenTime::confirm() {
  seen_ = wall_;
  in_doubt_ = false;
  agreed_ns_ = 0;
  recorded_.reset();
}

std::string SeenTime::record() const { return with_checksum(std::to_string(seen_) + (in_doubt_ ? " doubt" : " sure")); }

}  // namespace towl::detail
