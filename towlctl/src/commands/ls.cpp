// towlctl ls: lists the files of a store.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/each_file.hpp"
#include "files/file_facts.hpp"
#include "output/table.hpp"
#include "output/units.hpp"

namespace towlctl {
namespace {

int ls_command(const FileOptions& options, const Session& session) {
  StdoutWriter out(session, false);
  std::vector<std::vector<std::string>> rows = {{"ID", "ENTRIES", "SIZE", "STATE", "FIRST", "LAST", "TITLE"}};
  const int code = for_each_file(options, out, [&](const std::filesystem::path& path) -> towl::Result<void> {
    const auto facts = read_facts(path);
    if (!facts) return tl::unexpected(facts.error());
    if (session.json) {
      out.write(to_line(to_json(*facts)));
    } else {
      rows.push_back({short_name(path), format_count(facts->count), format_bytes(facts->size), state_of(*facts),
                      format_time(facts->index.first), format_time(facts->index.last), printable(facts->header.title)});
    }
    return {};
  });
  if (rows.size() > 1) out.write(table(rows, 0, 3));
  return out.flush() ? code : kFailure;
}

}  // namespace

void add_ls(CLI::App& app, Session& session) {
  auto options = std::make_shared<FileOptions>();
  CLI::App* command = app.add_subcommand("ls", "List the files of a store or mirror");
  declare_files(*command, *options, false);
  add_habit(*command, "-l", "As ls -l: the list is always long");
  command->footer(
      "Entries and times are those of each file's index page. A file that is open may have more\n"
      "than its page says; `towlctl info FILE` counts.");
  command->callback([options, &session] { session.exit_code = ls_command(*options, session); });
}

}  // namespace towlctl
