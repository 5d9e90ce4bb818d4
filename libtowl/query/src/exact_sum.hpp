// An ExactSum adds numbers without rounding: the sum of the same numbers is the same in any order, so that threads may each add
// some of them.
//
// Shewchuk, "Adaptive Precision Floating-Point Arithmetic" (1997), as Python's math.fsum has it: the sum is kept as numbers of
// which none overlaps another, at most about 40. Whole numbers, which most are, are added as such.
// Of numbers whose sum is more than a double holds, it is rounded, and the order may matter.
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
