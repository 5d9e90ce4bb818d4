// Cereal archives over a byte buffer, for format version 1.
//
// Why our own: cereal's BinaryInputArchive reads from a stringstream (ten times slower), throws, and allocates
// the length that a string claims before it checks whether the bytes are there. These check each length against what
// is left, return views, and never throw: after the first error an input archive is failed() and yields zeros.
//
// Format: integers are fixed-width little-endian; a string is a u64 byte length and its bytes; a time is a string of
// RFC 3339 text; an optional is one byte, 0 for none or 1 and the value (cereal's own std::optional writes the
// opposite byte, hence ours).
#pragma once

#include <cereal/cereal.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "bytes.hpp"
#include "time_memo.hpp"
#include "towl/limits.hpp"
#include "towl/time.hpp"

namespace towl::detail::v1 {

/// A time as it is stored: text.
struct StoredTime {
  Timestamp value = 0;
};

/// Appends to a string that the caller owns.
class OutputArchive : public cereal::OutputArchive<OutputArchive, cereal::AllowEmptyClassElision> {
 public:
  explicit OutputArchive(std::string& to)
      : cereal::OutputArchive<OutputArchive, cereal::AllowEmptyClassElision>(this), to_(to) {}

  template <class T>
  void put(T value) {
    append_little_endian(to_, value);
  }
  void put_bytes(std::string_view bytes) { to_.append(bytes); }
  void put_time(Timestamp time);

 private:
  std::string& to_;
  TimeWriter times_;
};

/// Why an input archive failed.
enum class ReadFailure {
  none,
  incomplete,    ///< The bytes end before the value does: more may come, or a length is damaged.
  too_large,     ///< A string longer than the limit.
  bad_time,      ///< Text that is not a time.
  bad_optional,  ///< A byte that is neither 0 nor 1.
};

/// Reads from a view; strings read into a string_view point into it.
class InputArchive : public cereal::InputArchive<InputArchive, cereal::AllowEmptyClassElision> {
 public:
  explicit InputArchive(std::string_view from, std::size_t max_string_bytes = kMaxReadEntryBytes)
      : cereal::InputArchive<InputArchive, cereal::AllowEmptyClassElision>(this),
        begin_(from.data()),
        at_(from.data()),
        end_(from.data() + from.size()),
        max_string_bytes_(max_string_bytes) {}

  /// Begins again. An archive is kept for many entries: to make one costs as much as to read a short entry, and it
  /// remembers the last time.
  void reset(std::string_view from) {
    begin_ = at_ = from.data();
    end_ = from.data() + from.size();
    failure_ = ReadFailure::none;
  }

  bool failed() const { return failure_ != ReadFailure::none; }
  ReadFailure failure() const { return failure_; }
  /// Bytes read so far.
  std::size_t consumed() const { return static_cast<std::size_t>(at_ - begin_); }

  void fail(ReadFailure failure) {
    if (failure_ == ReadFailure::none) failure_ = failure;
    at_ = end_;  // All that is read next is incomplete too.
  }

  template <class T>
  T get() {
    if (left() < sizeof(T)) {
      fail(ReadFailure::incomplete);
      return T{};
    }
    const T value = load_little_endian<T>(at_);
    at_ += sizeof(T);
    return value;
  }

  std::string_view get_bytes(std::size_t length) {
    if (left() < length) {
      fail(ReadFailure::incomplete);
      return {};
    }
    const std::string_view bytes(at_, length);
    at_ += length;
    return bytes;
  }

  /// A length and that many bytes. The limit is checked first: a length beyond it never becomes complete.
  std::string_view get_string(std::size_t max_bytes) {
    const auto length = get<std::uint64_t>();
    if (length > max_bytes) {
      fail(ReadFailure::too_large);
      return {};
    }
    return get_bytes(static_cast<std::size_t>(length));
  }

  std::size_t max_string_bytes() const { return max_string_bytes_; }
  TimeReader& times() { return times_; }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t max_string_bytes_;
  ReadFailure failure_ = ReadFailure::none;
  TimeReader times_;
};

inline void OutputArchive::put_time(Timestamp time) {
  const Rfc3339 text = times_.write(time);
  put(static_cast<std::uint64_t>(text.length));
  // All of its room, then back to its length: a copy of known size costs a third of one of unknown size.
  const std::size_t end = to_.size() + text.length;
  to_.append(text.text.data(), text.text.size());
  to_.resize(end);
}

// Found by cereal through argument-dependent look-up; the names are cereal's.

template <class T>
requires std::is_arithmetic_v<T>
void CEREAL_SAVE_FUNCTION_NAME(OutputArchive& archive, const T& value) { archive.put(value); }
template <class T>
requires std::is_arithmetic_v<T>
void CEREAL_LOAD_FUNCTION_NAME(InputArchive& archive, T& value) { value = archive.template get<T>(); }

inline void CEREAL_SAVE_FUNCTION_NAME(OutputArchive& archive, const std::string_view& value) {
  archive.put(static_cast<std::uint64_t>(value.size()));
  archive.put_bytes(value);
}
inline void CEREAL_LOAD_FUNCTION_NAME(InputArchive& archive, std::string_view& value) {
  value = archive.get_string(archive.max_string_bytes());
}

inline void CEREAL_SAVE_FUNCTION_NAME(OutputArchive& archive, const std::string& value) {
  archive(std::string_view(value));
}
inline void CEREAL_LOAD_FUNCTION_NAME(InputArchive& archive, std::string& value) {
  value = archive.get_string(archive.max_string_bytes());
}

inline void CEREAL_SAVE_FUNCTION_NAME(OutputArchive& archive, const StoredTime& time) { archive.put_time(time.value); }
inline void CEREAL_LOAD_FUNCTION_NAME(InputArchive& archive, StoredTime& time) {
  const std::string_view text = archive.get_string(kMaxTimeTextBytes);
  if (archive.failed()) return;
  if (const auto value = archive.times().read(text)) {
    time.value = *value;
  } else {
    archive.fail(ReadFailure::bad_time);
  }
}

inline void CEREAL_SAVE_FUNCTION_NAME(OutputArchive& archive, const std::optional<Timestamp>& time) {
  archive.put(static_cast<std::uint8_t>(time ? 1 : 0));
  if (time) archive(StoredTime{*time});
}
inline void CEREAL_LOAD_FUNCTION_NAME(InputArchive& archive, std::optional<Timestamp>& time) {
  const auto present = archive.get<std::uint8_t>();
  if (present > 1) archive.fail(ReadFailure::bad_optional);
  time.reset();
  if (present != 1) return;
  StoredTime value;
  archive(value);
  if (!archive.failed()) time = value.value;
}

}  // namespace towl::detail::v1
