// towlctl completion: scripts that let a shell complete command lines. towlctl __complete: what those scripts ask.
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "completion/complete.hpp"
#include "completion/shell_scripts.hpp"
#include "context/contexts.hpp"
#include "files/file_facts.hpp"
#include "files/local_files.hpp"
#include "output/stdout_writer.hpp"
#include "output/units.hpp"

namespace towlctl {
namespace {

/// The newest first: it is asked for most often.
std::vector<Candidate> file_ids(const std::string& store) {
  std::vector<Candidate> ids;
  const auto paths = find_files(local_store(store), {});
  if (!paths) return ids;
  for (auto path = paths->rbegin(); path != paths->rend(); ++path) {
    const auto facts = read_facts(*path);
    if (!facts) {
      ids.push_back({short_name(*path), "cannot be read"});
      continue;
    }
    std::string help = format_count(facts->count) + (facts->count == 1 ? " entry from " : " entries from ") +
                       format_time(facts->index.first);
    if (!facts->header.title.empty()) help += ", " + printable(facts->header.title);
    ids.push_back({short_name(*path), std::move(help)});
  }
  return ids;
}

std::vector<Candidate> context_names() {
  std::vector<Candidate> names;
  const auto contexts = read_contexts(contexts_path());
  if (!contexts) return names;
  for (const Context& context : contexts->all) names.push_back({context.name, context.server});
  return names;
}

}  // namespace

int complete_command_line(const CLI::App& app, const std::vector<std::string>& words) {
  const std::string lines = to_lines(complete(app, words, {.file_ids = file_ids, .contexts = context_names}));
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  return std::fflush(stdout) == 0 ? kDone : kFailure;
}

void add_completion(CLI::App& app, Session& session) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print the script that lets your shell complete towlctl");
  std::map<std::string, std::string> shells;
  for (const std::string& name : completion_shells()) shells.emplace(name, name);
  add_choice(*command, "SHELL", *shell, shells, "", "bash, zsh or fish")->required();
  command->footer(
      R"(Completes commands, options, their values, the IDs of the store's files, and contexts. Packages install it.

Examples:
  source <(towlctl completion bash)                   in ~/.bashrc
  towlctl completion zsh > ~/.zfunc/_towlctl          a folder of $fpath
  towlctl completion fish > ~/.config/fish/completions/towlctl.fish

Exit codes: 0 done; 2 usage or failure.)");
  command->callback([shell, &session] {
    StdoutWriter out(session, false);
    out.write(completion_script(*shell));
    session.exit_code = out.flush() ? kDone : kFailure;
  });
}

}  // namespace towlctl
