// towlctl config: which collectors the user works with, by name.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "context/contexts.hpp"
#include "output/stdout_writer.hpp"
#include "output/table.hpp"

namespace towlctl {
namespace {

struct ConfigOptions {
  std::string name;
  std::string server;
  std::string store;
};

int fail_with(const towl::Error& error) {
  complain(error.to_string());
  return kFailure;
}

int get_contexts(const Session& session) {
  const auto contexts = read_contexts(contexts_path());
  if (!contexts) return fail_with(contexts.error());
  const auto in_use = context_in_use(*contexts);
  if (!in_use) return fail_with(in_use.error());
  StdoutWriter out(session, false);
  std::vector<std::vector<std::string>> rows = {{"CURRENT", "NAME", "SERVER", "STORE"}};
  for (const Context& context : contexts->all) {
    const std::string store = default_store(context.server).string();
    const bool current = *in_use == &context;
    if (session.json) {
      const nlohmann::ordered_json line = {{"context", context.name},
                                           {"current", current},
                                           {"server", context.server},
                                           {"store", context.store.empty() ? store : context.store}};
      out.write(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    } else {
      rows.push_back({current ? "*" : "", context.name, context.server, context.store.empty() ? store : context.store});
    }
  }
  if (rows.size() > 1) out.write(table(rows, 0, 0));
  if (contexts->all.empty() && !session.quiet) {
    complain("no contexts yet; `towlctl config set-context NAME --server HOST:PORT` makes one");
  }
  return out.flush() ? kDone : kFailure;
}

/// Reads the contexts, changes them, and writes them back.
template <class Change>
int change(Change how) {
  auto contexts = read_contexts(contexts_path());
  if (!contexts) return fail_with(contexts.error());
  if (const towl::Result<void> changed = how(*contexts); !changed) return fail_with(changed.error());
  const auto written = write_contexts(contexts_path(), *contexts);
  return written ? kDone : fail_with(written.error());
}

towl::Result<void> use(Contexts& contexts, const std::string& name) {
  if (contexts.find(name) == nullptr) {
    return towl::fail(towl::ErrorCode::not_found,
                      "there is no context \"" + name + "\"; `towlctl config get-contexts` tells which there are");
  }
  contexts.current = name;
  return {};
}

towl::Result<void> set(Contexts& contexts, const ConfigOptions& options) {
  const Context* known = contexts.find(options.name);
  Context context = known == nullptr ? Context{.name = options.name} : *known;
  if (!options.server.empty()) context.server = options.server;
  if (!options.store.empty()) context.store = std::filesystem::absolute(options.store).string();
  if (context.server.empty()) {
    return towl::fail(towl::ErrorCode::invalid_argument, "a new context needs --server HOST:PORT");
  }
  contexts.set(std::move(context));
  if (contexts.current.empty()) contexts.current = options.name;
  return {};
}

towl::Result<void> remove(Contexts& contexts, const std::string& name) {
  if (std::erase_if(contexts.all, [&](const Context& context) { return context.name == name; }) == 0) {
    return towl::fail(towl::ErrorCode::not_found, "there is no context \"" + name + "\"");
  }
  if (contexts.current == name) contexts.current.clear();
  return {};
}

}  // namespace

void add_config(CLI::App& app, Session& session) {
  auto options = std::make_shared<ConfigOptions>();
  CLI::App* command = app.add_subcommand("config", "Name the collectors you work with, and choose one");
  command->require_subcommand(1);
  command->add_subcommand("get-contexts", "List them; * is the one in use")->callback([&session] {
    session.exit_code = get_contexts(session);
  });
  const auto named = [&](const char* name, const char* help) {
    CLI::App* added = command->add_subcommand(name, help);
    add_word(*added, "CONTEXT", options->name, "", "Its name")->required();
    return added;
  };
  named("use-context", "Choose the one that commands are about")->callback([options, &session] {
    session.exit_code = change([&](Contexts& contexts) { return use(contexts, options->name); });
  });
  CLI::App* set_context = named("set-context", "Make one, or change it; the first one is also chosen");
  add_word(*set_context, "--server", options->server, "HOST:PORT", "Its collector");
  add_word(*set_context, "--store", options->store, "DIR",
           "Folder of its mirror (default: ~/.local/share/towl/SERVER)");
  set_context->callback(
      [options, &session] { session.exit_code = change([&](Contexts& contexts) { return set(contexts, *options); }); });
  named("delete-context", "Forget one; its mirror stays")->callback([options, &session] {
    session.exit_code = change([&](Contexts& contexts) { return remove(contexts, options->name); });
  });
  command->footer(
      R"(Kept in ~/.config/towl/config.yaml ($TOWL_CONFIG names another file). --server, --store, $TOWL_SERVER and
$TOWL_STORE beat it; $TOWL_CONTEXT names another context for one command.

Examples:
  towlctl config set-context office --server logs.example.com
  towlctl config use-context office
  TOWL_CONTEXT=lab towlctl grep -i error     in the mirror of another context

Exit codes: 0 done; 2 usage or failure.)");
}

}  // namespace towlctl
