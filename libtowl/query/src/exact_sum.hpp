// An ExactSum adds numbers without rounding: the sum of the same numbers is the same in any order. So threads may each
// add some of them.
//
// Shewchuk, "Adaptive Precision Floating-Point Arithmetic" (1997), as in Python's math.fsum: the sum is kept as at most
// about 40 numbers that do not overlap. Whole numbers, which most are, are added as such.
// If the sum is more than a double holds, it is rounded, and the order may matter.
#pragma once

#include <cstdint>
#include <vector>

namespace towl::detail {

class ExactSum {
 public:
  void add(double number);
  void add(const ExactSum& other);

  /// The sum, rounded once.
  double value() const;

 private:
  void add_part(double number);
  void add_whole(std::int64_t number);

  std::int64_t whole_ = 0;
  double overflow_ = 0;        // What is infinite.
  std::vector<double> parts_;  // Ascending by magnitude.
};

}  // namespace towl::detail
