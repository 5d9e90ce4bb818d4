#include "append/detect_format.hpp"

#include <algorithm>

namespace towlctl {

towl::LogFormat FormatDetector::operator()(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos || line[start] != '{') return towl::LogFormat::text;
  const auto members = reader_.read(line);
  if (!members) return towl::LogFormat::text;
  const bool is_journal = std::any_of(members->begin(), members->end(), [](const towl::JsonMember& member) {
    return member.name == towl::field::kReceived || member.name == towl::field::kMessage;
  });
  return is_journal ? towl::LogFormat::journal_json : towl::LogFormat::text;
}

}  // namespace towlctl
