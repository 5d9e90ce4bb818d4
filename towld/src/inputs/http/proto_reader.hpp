// ProtoReader walks the fields of a protobuf message on the wire (https://protobuf.dev/programming-guides/encoding/),
// with protobuf's own CodedInputStream: no generated code is needed for messages of which a few fields are read.
//
// Hostile bytes: lengths are checked against what is there; after an error next() is false and ok() too.
// Ownership: views are of the message. Threads: one at a time.
#pragma once

#include <google/protobuf/io/coded_stream.h>

#include <cstdint>
#include <string_view>

namespace towld {

class ProtoReader {
 public:
  explicit ProtoReader(std::string_view message);

  /// The next field; its value must be taken, or skip()ped. False at the end.
  bool next();
  int field() const { return static_cast<int>(tag_ >> 3); }

  /// The value as what it is meant to be; an error, and nothing, if it is of another kind.
  std::uint64_t number();          ///< A varint, or of fixed length: whichever it is.
  std::string_view bytes();        ///< A string, bytes, or another message.
  double floating();               ///< 64 bits.
  void skip();

  bool ok() const { return ok_; }

 private:
  std::uint32_t type() const { return tag_ & 7; }

  google::protobuf::io::CodedInputStream stream_;
  std::uint32_t tag_ = 0;
  bool ok_ = true;
};

}  // namespace towld
