// ProtoReader walks the fields of a protobuf message on the wire (https://protobuf.dev/programming-guides/encoding/):
// no generated code is needed for messages of which only a few fields are read.
//
// Hostile bytes: lengths are checked against what is there; after an error next() and ok() are false.
// Ownership: views are of the message. Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace towld {

class ProtoReader {
 public:
  explicit ProtoReader(std::string_view message) : rest_(message) {}

  /// The next field; its value must be taken, or skip()ped. False at the end.
  bool next();
  int field() const { return static_cast<int>(tag_ >> 3); }

  // The value as what it is meant to be; an error, and nothing, if it is of another kind.
  std::uint64_t number();    ///< A varint, or of fixed length: whichever it is.
  std::string_view bytes();  ///< A string, bytes, or another message.
  double floating();         ///< 64 bits.
  void skip();

  bool ok() const { return ok_; }

 private:
  std::uint64_t varint();
  std::uint64_t fixed(std::size_t bytes);
  std::string_view take(std::uint64_t bytes);

  std::string_view rest_;
  std::uint64_t tag_ = 0;
  bool ok_ = true;
};

}  // namespace towld
