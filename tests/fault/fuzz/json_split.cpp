// Any body of /ingest: its objects are parts of it, in order, and it ends; and what is posted becomes members or an error.
#include <memory>
#include <string>
#include <string_view>

#include "parse/json_split.hpp"
#include "support.hpp"
#include "towl/record/json_reader.hpp"

namespace {

/// `part` lies within `whole`.
bool is_within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // With the room that the server leaves after a body.
  std::string body(reinterpret_cast<const char*>(data), size);
  body.reserve(size + towl::JsonReader::kPaddingBytes);
  towl::JsonReader reader({.bytes = std::size_t{1} << 20, .members = 64});
  towld::JsonSplitter splitter(body);
  // Each turn takes at least a byte, except at the end of an array.
  std::size_t turns_left = 2 * size + 16;
  for (;;) {
    towl::fuzz::require(turns_left-- > 0, "a body has an end");
    const auto object = splitter.next();
    if (object && !*object) break;
    if (!object) {
      towl::fuzz::require(is_within(splitter.skip_bad(), body), "what is bad is a part of the body");
      continue;
    }
    towl::fuzz::require(is_within(**object, body), "an object is a part of the body");
    if (reader.read_padded(**object)) continue;
    if (const auto exact = splitter.exact()) {
      towl::fuzz::require(is_within(*exact, body), "an object that was counted out is a part of the body");
      (void)reader.read_padded(*exact);
    }
  }
  towld::JsonSplitter counted(body);
  towl::fuzz::require(counted.skip_rest() <= size + 1, "there are no more objects than bytes");
  return 0;
}
