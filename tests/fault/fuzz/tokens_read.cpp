// Any text as a file of tokens: it is refused, or it is the same after writing and reading; no two tokens share a name.
#include <set>
#include <string>
#include <string_view>

#include "access/token_file.hpp"
#include "support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto tokens = towld::parse_tokens(text, "tokens");
  if (!tokens) return 0;
  std::set<std::string> names;
  for (const towld::TokenRecord& token : *tokens) {
    towl::fuzz::require(names.insert(token.name).second, "names are unique");
    towl::fuzz::require(towld::is_token_name(token.name), "names are names");
    towl::fuzz::require(!token.scopes.empty(), "a token allows something");
  }
  const std::string written = towld::format_tokens(*tokens);
  const auto again = towld::parse_tokens(written, "tokens");
  towl::fuzz::require(again && *again == *tokens, "what is written reads back as the same");
  return 0;
}
