// towlctl ls: which files a store has.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "commands/each_file.hpp"
#include "file_facts.hpp"
#include "units.hpp"

namespace towlctl {
namespace {

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string spaces(width > text.size() ? width - text.size() : 0, ' ');
  return right ? spaces + text : text + spaces;
}

/// Columns as wide as their widest cell; numbers to the right.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += (i > 0 ? "  " : "") + padded(row[i], widths[i], i < 3);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

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
  if (rows.size() > 1) out.write(table(rows));
  return out.flush() ? code : kFailure;
}

}  // namespace

void add_ls(CLI::App& app, Session& session) {
  auto options = std::make_shared<FileOptions>();
  CLI::App* command = app.add_subcommand("ls", "List the files of a store or mirror");
  declare_files(*command, *options, false);
  command->footer(
      "Entries and times are those of each file's index page. A file that is open may have more\n"
      "than its page says; `towlctl info FILE` counts.");
  command->callback([options, &session] { session.exit_code = ls_command(*options, session); });
}

}  // namespace towlctl
