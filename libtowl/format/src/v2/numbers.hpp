// A run of 64-bit numbers: as they are, as differences, or as differences of differences; divided by their common
// divisor; cut into planes of bytes, lowest first, because zstd's entropy coder works best on similar bytes in a row.
// All arithmetic is modulo 2^64, so that any numbers round-trip.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "v2/sections.hpp"

namespace towl::detail::v2 {

/// The form that a run of numbers takes.
struct NumberForm {
  unsigned order = 0;         ///< 0 values, 1 differences, 2 differences of differences.
  bool signed_codes = false;  ///< Codes are zigzag.
  unsigned width = 0;         ///< Planes, 0 to 8.
  std::uint64_t divisor = 1;
  std::uint64_t first = 0;  ///< Order 0: what is added to each; otherwise the first value.
};

/// Finds the smallest form of a run of numbers and writes it. Reusable. One thread at a time.
class NumberPlan {
 public:
  /// Plans for `values`, which must not be empty. Considers differences only if `differences`.
  void make(std::span<const std::uint64_t> values, bool differences);
  /// About how many bytes they take when compressed.
  double bytes() const { return bytes_; }
  unsigned width() const { return form_.width; }
  /// The same, measured by compressing them.
  std::size_t measured_bytes(SectionWriter& sections);
  /// Writes the form to `directory` and the planes to `lane` or sections of their own.
  void write(Lane lane, SectionWriter& sections, std::string& directory);

 private:
  void make_planes();
  void consider(unsigned order, std::span<const std::uint64_t> values, std::uint64_t divisor);

  NumberForm form_;
  double bytes_ = 0;
  std::vector<std::uint64_t> codes_;
  std::vector<std::uint64_t> tried_;
  std::string planes_;
};

/// A run of numbers as a directory describes it.
struct NumberRun {
  NumberForm form;
  Part planes;
};

/// Reads the form of `count` numbers. nullopt if it is damaged.
std::optional<NumberRun> read_number_run(ByteReader& directory, std::uint64_t count, SectionReader& sections);

/// The numbers themselves, `count` of them to `to`. False if their section is damaged.
bool read_numbers(const NumberRun& run, std::size_t count, SectionReader& sections, std::uint64_t* to);

}  // namespace towl::detail::v2
