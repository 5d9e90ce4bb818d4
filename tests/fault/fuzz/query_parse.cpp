// Any text as a query: no crash; what it is taken for prints itself back as the same, and its expression can be asked.
#include <string>
#include <string_view>

#include "support.hpp"
#include "towl/query/entry_test.hpp"
#include "towl/query/language.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr towl::Timestamp kNow = 1'768'660'200'000'000'000;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto query = towl::parse_query(text, kNow, towl::TimeZone());
  if (!query) return 0;
  const std::string printed = towl::to_text(*query);
  const auto again = towl::parse_query(printed, kNow, towl::TimeZone());
  // Printed, a query has more brackets, and may be too long or too deep.
  const bool is_larger = !again && (printed.size() > towl::kMaxQueryBytes ||
                                    again.error().message.find("nested too deeply") != std::string::npos);
  towl::fuzz::require(is_larger || (again && towl::to_text(*again) == printed), "a query prints itself back");
  if (auto test = towl::EntryTest::create(query->expression)) {
    test->passes({"host", kNow, towl::LogFormat::journal_json, R"({"MESSAGE":"a \u00e9","n":5,"PRIORITY":"3"})"});
    test->passes({"host", kNow, towl::LogFormat::text, text});
  }
  return 0;
}
