#include "append/detect_format.hpp"

#include <simdjson.h>

namespace towlctl {

class FormatDetector::Parser {
 public:
  simdjson::dom::parser json;
};

FormatDetector::FormatDetector() : parser_(std::make_unique<Parser>()) {}
FormatDetector::~FormatDetector() = default;

towl::LogFormat FormatDetector::operator()(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos || line[start] != '{') return towl::LogFormat::text;
  simdjson::dom::object object;
  if (parser_->json.parse(line).get_object().get(object) != simdjson::SUCCESS) return towl::LogFormat::text;
  const bool journal = object.at_key("__REALTIME_TIMESTAMP").error() == simdjson::SUCCESS ||
                       object.at_key("MESSAGE").error() == simdjson::SUCCESS;
  return journal ? towl::LogFormat::journal_json : towl::LogFormat::text;
}

}  // namespace towlctl
