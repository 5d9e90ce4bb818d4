#include "app/token_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "access/access.hpp"
#include "app/edit_tokens.hpp"
#include "app/options.hpp"

namespace towld {
namespace {

struct TokenOptions {
  Flags flags = {};
  std::string file = {};
  std::string name = {};
  std::vector<std::string> scopes = {};
  std::vector<std::string> orgs = {};
  std::vector<std::string> titles = {};
  bool json = false;
};

constexpr const char* kTokenFooter = R"(Examples:
  towld token create --scope ingest --name web-7 > web-7.token
  towld token create --scope read --title syslog --name ann     one that sees the files of that title alone
  towld token revoke web-7

A token is shown once; what is kept is its SHA-256, in the file `tokens` of the store's folder, or what
auth.tokens_file says. A running towld sees changes within a second: a token that was revoked is refused, and
what was begun with it ends. Once there are tokens, everything needs one.

Scopes: ingest (append, push, post), read (list, pull, query), admin (everything).)";

int complain(const towl::Error& error) {
  std::fprintf(stderr, "towld: %s\n", error.to_string().c_str());
  return 2;
}

towl::Result<std::filesystem::path> file_of(const TokenOptions& options) {
  if (!options.file.empty()) return std::filesystem::path(options.file);
  const auto config = config_of(options.flags);
  if (!config) return towl::fail(config.error());
  return tokens_file_of(*config);
}

int create(const TokenOptions& options) {
  TokenRecord record{.name = options.name, .orgs = options.orgs, .titles = options.titles};
  for (const std::string& name : options.scopes) record.scopes.push_back(*value_of(kScopes, name));
  const auto file = file_of(options);
  const auto token = file ? create_token(*file, std::move(record)) : tl::unexpected(file.error());
  if (!token) return complain(token.error());
  std::printf("%s\n", token->c_str());
  std::fprintf(stderr, "towld: made the token %s; it is not shown again\n", options.name.c_str());
  return 0;
}

int revoke(const TokenOptions& options) {
  const auto file = file_of(options);
  const auto done = file ? revoke_token(*file, options.name) : tl::unexpected(file.error());
  return done ? 0 : complain(done.error());
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

int list(const TokenOptions& options) {
  const auto file = file_of(options);
  auto tokens = file ? read_token_records(*file) : tl::unexpected(file.error());
  if (!tokens && tokens.error().code == towl::ErrorCode::not_found) tokens = std::vector<TokenRecord>();
  if (!tokens) return complain(tokens.error());
  for (const TokenRecord& token : *tokens) {
    std::vector<std::string> scopes;
    for (const Scope scope : token.scopes) scopes.emplace_back(name_of(kScopes, scope));
    if (options.json) {
      const nlohmann::ordered_json line = {{"name", token.name},
                                           {"scopes", scopes},
                                           {"orgs", token.orgs},
                                           {"titles", token.titles},
                                           {"created", token.created}};
      std::printf("%s\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
      continue;
    }
    std::printf("%-20s  %-12s  %s%s%s\n", token.name.c_str(), joined(scopes).c_str(), token.created.c_str(),
                token.orgs.empty() ? "" : ("  org " + joined(token.orgs)).c_str(),
                token.titles.empty() ? "" : ("  title " + joined(token.titles)).c_str());
  }
  if (tokens->empty()) std::fprintf(stderr, "towld: there are no tokens in %s\n", file->c_str());
  return 0;
}

void declare_place(CLI::App& command, TokenOptions& options) {
  command
      .add_option("--config", options.flags.config_file, "Configuration of the collector, which says where tokens are")
      ->envname("TOWLD_CONFIG")
      ->type_name("FILE");
  command.add_option("--store", options.flags.store, "Folder of its store, if there is no configuration")
      ->envname("TOWLD_STORE")
      ->type_name("DIR");
  command.add_option("--tokens-file", options.file, "The file itself")->type_name("FILE");
}

}  // namespace

int run_token_command(int argc, const char* const* argv) {
  TokenOptions options;
  CLI::App app("towld token: who may do what at a collector", "towld token");
  app.require_subcommand(1);
  app.footer(kTokenFooter);
  CLI::App* creates = app.add_subcommand("create", "Make a token, and print it");
  creates->add_option("--name", options.name, "What it is called in lists and logs: whose it is")->required();
  creates->add_option("--scope", options.scopes, "ingest, read or admin; may be given several times")
      ->required()
      ->delimiter(',')
      ->check(CLI::IsMember({"ingest", "read", "admin"}));
  creates->add_option("--org", options.orgs, "Only files of this organisation; may be given several times")
      ->allow_extra_args(false);
  creates->add_option("--title", options.titles, "Only files with this title; may be given several times")
      ->allow_extra_args(false);
  CLI::App* lists = app.add_subcommand("list", "Print what tokens there are");
  lists->add_flag("--json", options.json, "One JSON object a line");
  CLI::App* revokes = app.add_subcommand("revoke", "End a token: it is refused from then on");
  revokes->add_option("NAME", options.name, "What it is called")->required();
  for (CLI::App* command : {creates, lists, revokes}) declare_place(*command, options);
  try {  // CLI11 reports by exception; it ends here.
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "towld: %s; see towld token --help\n", error.what());
    return 2;
  }
  if (creates->parsed()) return create(options);
  return lists->parsed() ? list(options) : revoke(options);
}

}  // namespace towld
