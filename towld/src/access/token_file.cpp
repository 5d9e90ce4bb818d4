#include "access/token_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "access/private_file.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

using Json = nlohmann::ordered_json;

/// The strings of the list under `key`; false if it is something else.
bool take_texts(const Json& object, const char* key, std::vector<std::string>& texts) {
  const auto found = object.find(key);
  if (found == object.end()) return true;
  if (!found->is_array()) return false;
  for (const Json& value : *found) {
    if (!value.is_string()) return false;
    texts.push_back(value.get<std::string>());
  }
  return true;
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// What is wrong with the line, or "".
std::string read_line(std::string_view line, TokenRecord& token) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return "a line must be a JSON object, as `towld token create` writes it";
  for (const auto& [key, value] : object.items()) {
    constexpr std::array<std::string_view, 6> kKeys = {"name", "scopes", "orgs", "titles", "sha256", "created"};
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) return "unknown key \"" + key + "\"";
  }
  token.name = text_of(object, "name");
  if (!is_token_name(token.name)) return "`name` must have 1 to 64 printable characters, no blanks";
  std::vector<std::string> scopes;
  if (!take_texts(object, "scopes", scopes) || scopes.empty()) return "`scopes` must be a list of " + list_of(kScopes);
  for (const std::string& name : scopes) {
    const auto scope = value_of(kScopes, name);
    if (!scope) return "\"" + name + "\" is not one of " + list_of(kScopes);
    token.scopes.push_back(*scope);
  }
  if (!take_texts(object, "orgs", token.orgs)) return "`orgs` must be a list of texts";
  if (!take_texts(object, "titles", token.titles)) return "`titles` must be a list of texts";
  // A list that is there and empty would mean all files: its author meant none.
  if ((object.contains("orgs") && token.orgs.empty()) || (object.contains("titles") && token.titles.empty())) {
    return "`orgs` and `titles` must not be empty: leave them out for all";
  }
  const auto hash = hash_of_hex(text_of(object, "sha256"));
  if (!hash) return "`sha256` must have 64 hexadecimal digits";
  token.hash = *hash;
  token.created = text_of(object, "created");
  return "";
}

}  // namespace

bool is_token_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxTokenNameBytes && name.front() != '@' &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

towl::Result<std::vector<TokenRecord>> parse_tokens(std::string_view text, const std::string& name) {
  std::vector<TokenRecord> tokens;
  std::set<std::string> names;
  std::set<TokenHash> hashes;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos || line.starts_with('#')) continue;
    const auto wrong = [&](const std::string& what) {
      return towl::fail(towl::ErrorCode::invalid_argument, what, name + ":" + std::to_string(number));
    };
    TokenRecord token;
    if (const std::string what = read_line(line, token); !what.empty()) return wrong(what);
    if (!names.insert(token.name).second) return wrong("a token named \"" + token.name + "\" is there already");
    if (!hashes.insert(token.hash).second) return wrong("this token is there already, under another name");
    if (tokens.size() == kMaxTokens) return wrong("more than " + std::to_string(kMaxTokens) + " tokens");
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::string format_tokens(const std::vector<TokenRecord>& tokens) {
  std::string text = "# Tokens of towld, hashed: see `towld token --help`. A running towld sees changes at once.\n";
  for (const TokenRecord& token : tokens) {
    Json line = {{"name", token.name}, {"scopes", Json::array()}};
    for (const Scope scope : token.scopes) line["scopes"].push_back(std::string(name_of(kScopes, scope)));
    if (!token.orgs.empty()) line["orgs"] = token.orgs;
    if (!token.titles.empty()) line["titles"] = token.titles;
    line["sha256"] = to_hex(token.hash);
    line["created"] = token.created;
    text += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return text;
}

towl::Result<std::vector<TokenRecord>> read_token_records(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return towl::fail(towl::error_from_errno(errno, "cannot read the tokens", file.string()));
  std::string text(kMaxTokensFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad()) return towl::fail(towl::ErrorCode::io, "cannot read the tokens", file.string());
  if (text.size() > kMaxTokensFileBytes) {
    return towl::fail(towl::ErrorCode::invalid_argument, "it is too large for a file of tokens", file.string());
  }
  return parse_tokens(text, file.string());
}

towl::Result<void> write_token_records(const std::filesystem::path& file, const std::vector<TokenRecord>& tokens) {
  return replace_file(file, format_tokens(tokens), 0640, true);
}

}  // namespace towld
