#include "v2/numbers.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "v2/entropy.hpp"

namespace towl::detail::v2 {
namespace {

// The largest number that divides the distance of each value from the first: clocks tick in milli- and microseconds.
std::uint64_t common_divisor(std::span<const std::uint64_t> values) {
  std::uint64_t divisor = 0;
  for (const std::uint64_t value : values) {
    std::int64_t distance = 0;
    if (__builtin_sub_overflow(static_cast<std::int64_t>(value), static_cast<std::int64_t>(values.front()),
                               &distance)) {
      return 1;
    }
    const std::uint64_t size =
        distance < 0 ? 0 - static_cast<std::uint64_t>(distance) : static_cast<std::uint64_t>(distance);
    if (divisor != 0 && size % divisor == 0) continue;  // As mostly; std::gcd() takes much longer.
    divisor = std::gcd(divisor, size);
    if (divisor == 1) {
      break;
    }
  }
  return std::max<std::uint64_t>(divisor, 1);
}

std::uint64_t divide(std::uint64_t distance, std::uint64_t divisor) {
  return divisor == 1
             ? distance
             : static_cast<std::uint64_t>(static_cast<std::int64_t>(distance) / static_cast<std::int64_t>(divisor));
}

// What an entropy coder would make of the planes, in bytes.
double entropy_bytes(std::span<const std::uint64_t> codes, unsigned width) {
  double bits = 0;
  for (unsigned plane = 0; plane < width; ++plane) {
    bits += entropy_bits(codes.size(), [&](std::size_t i) { return codes[i] >> (8 * plane); }) + 40;
  }
  return bits / 8 + 4;
}

unsigned bytes_for(std::uint64_t largest) { return static_cast<unsigned>(std::bit_width(largest) + 7) / 8; }

}  // namespace

void NumberPlan::consider(unsigned order, std::span<const std::uint64_t> values, std::uint64_t divisor) {
  NumberForm form{.order = order, .divisor = divisor};
  const std::uint64_t least = *std::min_element(values.begin(), values.end(), [](std::uint64_t a, std::uint64_t b) {
    return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b);
  });
  form.first = order == 0 ? least : values.front();
  tried_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    // Distances from the least one may take 64 bits; common_divisor() has checked that those from the first one do
    // not.
    tried_[i] = order == 0 ? (values[i] - form.first) / divisor : divide(values[i] - form.first, divisor);
  }
  for (unsigned pass = 0; pass < order; ++pass) {
    for (std::size_t i = values.size() - 1; i > 0; --i) {
      tried_[i] -= tried_[i - 1];
    }
  }
  if (order != 0) {
    form.signed_codes = std::any_of(tried_.begin(), tried_.end(), [](std::uint64_t code) { return (code >> 63) != 0; });
    if (form.signed_codes) {
      std::transform(tried_.begin(), tried_.end(), tried_.begin(), zigzag);
    }
  }
  form.width = bytes_for(*std::max_element(tried_.begin(), tried_.end()));
  const double bytes = entropy_bytes(tried_, form.width);
  if (order == 0 || bytes < bytes_) {
    form_ = form;
    bytes_ = bytes;
    codes_.swap(tried_);
  }
}

void NumberPlan::make(std::span<const std::uint64_t> values, bool differences) {
  const std::uint64_t divisor = differences ? common_divisor(values) : 1;
  consider(0, values, divisor);
  if (differences && form_.width != 0) {
    consider(1, values, divisor);
    consider(2, values, divisor);
  }
}

void NumberPlan::make_planes() {
  planes_.resize(codes_.size() * form_.width);
  char* to = planes_.data();
  for (unsigned plane = 0; plane < form_.width; ++plane) {
    for (const std::uint64_t code : codes_) {
      *to++ = static_cast<char>(static_cast<unsigned char>(code >> (8 * plane)));
    }
  }
}

std::size_t NumberPlan::measured_bytes(SectionWriter& sections) {
  make_planes();
  return sections.packed_bytes(planes_);
}

void NumberPlan::write(Lane lane, SectionWriter& sections, std::string& directory) {
  put_byte(directory, form_.order | (form_.signed_codes ? 4U : 0U) | form_.width << 3);
  put_varint(directory, form_.divisor);
  put_varint(directory, zigzag(form_.first));
  if (form_.width == 0) {
    return;
  }
  make_planes();
  put_varint(directory, sections.add(lane, planes_));
}

std::optional<NumberRun> read_number_run(ByteReader& directory, std::uint64_t count, SectionReader& sections) {
  NumberRun run;
  const unsigned flags = directory.byte();
  run.form.order = flags & 3;
  run.form.signed_codes = (flags & 4) != 0;
  run.form.width = flags >> 3;
  run.form.divisor = directory.varint();
  run.form.first = unzigzag(directory.varint());
  if (!directory.ok() || run.form.order > 2 || run.form.width > 8) {
    return std::nullopt;
  }
  if (run.form.width != 0) {
    const std::optional<Part> planes = sections.take(directory.varint(), count * run.form.width);
    if (!planes || !directory.ok()) {
      return std::nullopt;
    }
    run.planes = *planes;
  }
  return run;
}

bool read_numbers(const NumberRun& run, std::size_t count, SectionReader& sections, std::uint64_t* to) {
  const NumberForm& form = run.form;
  if (form.width == 0) {
    std::fill_n(to, count, form.first);
    return true;
  }
  const char* planes = sections.bytes(run.planes);
  if (planes == nullptr) {
    return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = static_cast<unsigned char>(planes[i]);
  }
  for (unsigned plane = 1; plane < form.width; ++plane) {
    const char* from = planes + plane * count;
    for (std::size_t i = 0; i < count; ++i) {
      to[i] |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * plane);
    }
  }
  if (form.signed_codes) {
    std::transform(to, to + count, to, unzigzag);
  }
  for (unsigned pass = 0; pass < form.order; ++pass) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = sum += to[i];
    }
  }
  if (form.divisor != 1 || form.first != 0) {
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = form.first + form.divisor * to[i];
    }
  }
  return true;
}

}  // namespace towl::detail::v2
