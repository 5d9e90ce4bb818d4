// MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) as Fluent forward needs it, by msgpack-cxx: where
// a value ends, and what it says.
//
// Hostile bytes: nothing is allocated for what a length claims; depth and members are limited; a value is read only as
//                far as there are bytes.
// Cost:          no tree is built: texts stay where they are, all else becomes JSON as it is read.
// Threads:       one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "towl/record/json_reader.hpp"
#include "towl/time.hpp"

namespace towld {

/// Finds the end of a value of which more and more bytes come; each is looked at once.
class MessagePackScanner {
 public:
  MessagePackScanner();
  MessagePackScanner(MessagePackScanner&&) noexcept;
  MessagePackScanner& operator=(MessagePackScanner&&) noexcept;
  ~MessagePackScanner();

  enum class Step { whole, more, broken };

  /// `bytes` begin with the value; those of the call before are the same. `end` is where it ends, if it is whole; the
  /// next call begins with another one.
  Step scan(std::string_view bytes, std::size_t& end);

 private:
  class Context;
  std::unique_ptr<Context> context_;
};

/// Reads values one after the other.
class MessagePackReader {
 public:
  MessagePackReader();
  ~MessagePackReader();

  enum class Kind { nil, boolean, integer, floating, text, extension, array, map };

  /// Reads the value at `at` of `bytes`, and moves `at` after it. False, with `at` as it was, for what is none or not
  /// whole, too deep, has too many members, or members without a name.
  bool read(std::string_view bytes, std::size_t& at);

  // Of the value read last; views of its bytes and of this, valid until the next read.
  Kind kind() const;
  /// Of a text (or binary) its bytes, of all else JSON.
  std::string_view text() const;
  /// Of a map.
  std::span<const towl::JsonMember> members() const;
  /// As Fluent forward has times: seconds since the epoch, also with a fraction, or an EventTime (extension 0: seconds
  /// and nanoseconds of 32 bits each). nullopt for anything else.
  std::optional<towl::Timestamp> time() const;

 private:
  class Visitor;
  std::unique_ptr<Visitor> visitor_;
};

/// How many elements the array at `at` of `bytes` has; `at` is moved to the first one. nullopt: it is no array.
std::optional<std::uint32_t> read_array_header(std::string_view bytes, std::size_t& at);

// Append a value, as clients are told it; of an array and a map their beginning.
void append_packed_text(std::string_view text, std::string& to);
void append_packed_bool(bool value, std::string& to);
void append_packed_array(std::uint32_t elements, std::string& to);
void append_packed_map(std::uint32_t members, std::string& to);

}  // namespace towld
