#include "exact_sum.hpp"

#include <cmath>
#include <utility>

namespace towl::detail {
namespace {

/// Below this every whole number is a double.
constexpr double kWhole = 9007199254740992.0;  // 2^53

struct Split {
  double sum = 0;
  double rest = 0;
};

// a + b without loss.
Split exact(double a, double b) {
  if (std::fabs(a) < std::fabs(b)) std::swap(a, b);
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

}  // namespace

void ExactSum::add_part(double number) {
  std::size_t kept = 0;
  double carry = number;
  for (const double part : parts_) {
    const Split split = exact(carry, part);
    if (split.rest != 0) parts_[kept++] = split.rest;
    carry = split.sum;
  }
  parts_.resize(kept);
  if (std::isfinite(carry)) {
    parts_.push_back(carry);
  } else {
    overflow_ += number;
    parts_.clear();
  }
}

void ExactSum::add_whole(std::int64_t number) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(whole_, number, &sum)) {
    whole_ = sum;
    return;
  }
  for (const std::int64_t one : {whole_, number}) {
    const std::int64_t low = one % (std::int64_t{1} << 32);
    add_part(static_cast<double>(one - low));
    add_part(static_cast<double>(low));
  }
  whole_ = 0;
}

void ExactSum::add(double number) {
  if (number > -kWhole && number < kWhole && number == std::trunc(number)) {
    add_whole(static_cast<std::int64_t>(number));
  } else if (std::isfinite(number)) {
    add_part(number);
  } else {
    overflow_ += number;
  }
}

void ExactSum::add(const ExactSum& other) {
  add_whole(other.whole_);
  overflow_ += other.overflow_;
  for (const double part : other.parts_) add_part(part);
}

double ExactSum::value() const {
  if (overflow_ != 0) return overflow_;
  ExactSum all = *this;
  const std::int64_t low = whole_ % (std::int64_t{1} << 32);
  all.add_part(static_cast<double>(whole_ - low));
  all.add_part(static_cast<double>(low));
  const std::vector<double>& parts = all.parts_;
  if (parts.empty()) return all.overflow_;
  std::size_t i = parts.size() - 1;
  double sum = parts[i];
  double rest = 0;
  while (i > 0 && rest == 0) {
    const Split split = exact(sum, parts[--i]);
    sum = split.sum;
    rest = split.rest;
  }
  // Half way between two doubles, the rest decides.
  if (i > 0 && ((rest < 0 && parts[i - 1] < 0) || (rest > 0 && parts[i - 1] > 0))) {
    const double twice = rest * 2;
    const double rounded = sum + twice;
    if (twice == rounded - sum) sum = rounded;
  }
  return sum;
}

}  // namespace towl::detail
