// Buffer is memory that is not cleared when it grows: for bytes that are about to be overwritten.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace towl::detail {

class Buffer {
 public:
  /// Room for `bytes`; what it held is lost. Gives memory back if it has much more than that.
  char* reserve(std::size_t bytes) {
    if (bytes > capacity_ || bytes < capacity_ / 8) {
      bytes_ = std::make_unique_for_overwrite<char[]>(bytes);
      capacity_ = bytes;
    }
    return bytes_.get();
  }

  /// Room for `bytes`; the first `kept` bytes stay.
  char* grow(std::size_t bytes, std::size_t kept) {
    if (bytes > capacity_) {
      auto larger = std::make_unique_for_overwrite<char[]>(bytes);
      if (kept > 0) std::memcpy(larger.get(), bytes_.get(), kept);
      bytes_ = std::move(larger);
      capacity_ = bytes;
    }
    return bytes_.get();
  }

  char* data() { return bytes_.get(); }
  const char* data() const { return bytes_.get(); }
  std::size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
};

}  // namespace towl::detail
