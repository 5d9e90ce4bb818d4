// Any text as a JSON object: members are parts of it, what follows it makes no difference, and the memory taken is
// bounded.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support.hpp"
#include "towl/record/draft.hpp"
#include "towl/record/json_reader.hpp"
#include "towl/record/members.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMembers = 64;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  towl::JsonReader reader({.bytes = std::size_t{1} << 20, .members = kMembers});
  const auto members = reader.read(text);
  std::vector<std::string> names;
  if (members) {
    towl::fuzz::require(members->size() <= kMembers, "members are bounded");
    for (const towl::JsonMember& member : *members) {
      towl::fuzz::require(text.find(member.json) != std::string_view::npos, "a value is a part of the text");
      names.emplace_back(member.name);
    }
  }
  // The bytes after it are others', whatever they are.
  for (const char behind : {'\0', '"', '}'}) {
    std::string padded(text);
    padded.append(towl::JsonReader::kPaddingBytes, behind);
    towl::JsonReader again({.bytes = std::size_t{1} << 20, .members = kMembers});
    const auto same = again.read_padded(std::string_view(padded).substr(0, size));
    towl::fuzz::require(same.has_value() == members.has_value(), "what follows a text makes no difference");
    if (!same) continue;
    towl::fuzz::require(same->size() == names.size(), "nor to its members");
    for (std::size_t i = 0; i < names.size(); ++i) {
      towl::fuzz::require((*same)[i].name == names[i], "nor to their names");
    }
  }
  std::string padded(text);
  padded.append(towl::JsonReader::kPaddingBytes, ' ');
  towl::JsonEntryReader entries;
  towl::Draft draft;
  (void)entries.read_padded(std::string_view(padded).substr(0, size), draft);
  return 0;
}
