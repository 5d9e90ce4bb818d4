// Any text as a configuration: it is refused with a line, or it is the same after printing and reading.
#include <optional>
#include <string>
#include <string_view>

#include "config/read_config.hpp"
#include "support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "HOME") return "/root";
    return std::nullopt;
  };
  towld::Config config;
  const auto read = towld::read_document(text, "f.yaml", environment, {}, config);
  if (!read) {
    towl::fuzz::require(!read.error().message.empty(), "a refusal says why");
    return 0;
  }
  const std::string printed = towld::print_config(config);
  towld::Config again;
  const auto reread = towld::read_document(printed, "printed", environment, {}, again);
  towl::fuzz::require(reread.has_value(), "what is printed reads back");
  towl::fuzz::require(towld::print_config(again) == printed, "and is the same");
  return 0;
}
