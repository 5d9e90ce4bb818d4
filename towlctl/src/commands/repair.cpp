// towlctl repair: cuts off what cannot be read at a file's end, after saving it aside.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands/commands.hpp"
#include "commands/each_file.hpp"
#include "file_facts.hpp"
#include "filenames.hpp"
#include "towl/file_layer.hpp"
#include "towl/recover.hpp"
#include "units.hpp"

namespace towlctl {
namespace {

/// Repairs `path` while holding the lock of the folder it is in: a file must have no writer then.
towl::Result<towl::RecoverReport> repair(const std::filesystem::path& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  const auto lock = towl::posix_file_layer().lock(folder / towl::detail::kLockName);
  if (!lock && lock.error().code == towl::ErrorCode::locked) {
    return towl::fail(towl::ErrorCode::locked, "a collector or a sync writes to this folder: stop it first",
                      path.string());
  }
  if (!lock) return tl::unexpected(lock.error());
  return towl::recover(path);
}

std::string describe(const std::filesystem::path& path, const towl::RecoverReport& report) {
  std::string out = path.string() + ": ";
  if (report.torn_bytes > 0) {
    out += "cut off " + format_bytes(report.torn_bytes) + " behind entry " + format_count(report.index.count) +
           ", saved as " + report.torn_file + " (" + report.reason + ")";
  } else if (report.index_rewritten) {
    out += "wrote the index page again";
  } else {
    out += "nothing to repair";
  }
  return out + "; " + format_count(report.index.count) + " entries\n";
}

std::string describe_json(const std::filesystem::path& path, const towl::RecoverReport& report) {
  nlohmann::ordered_json json = {{"path", path.string()},
                                 {"count", report.index.count},
                                 {"torn_bytes", report.torn_bytes},
                                 {"index_rewritten", report.index_rewritten}};
  if (!report.torn_file.empty()) json["torn_file"] = report.torn_file;
  return to_line(json);
}

int repair_command(const FileOptions& options, const Session& session) {
  StdoutWriter out(session, false);
  const int code = for_each_file(options, out, [&](const std::filesystem::path& path) -> towl::Result<void> {
    const auto report = repair(path);
    if (!report) return tl::unexpected(report.error());
    if (session.json) {
      out.write(describe_json(path, *report));
    } else if (!session.quiet) {
      out.write(describe(path, *report));
    }
    return {};
  });
  return out.flush() ? code : kFailure;
}

}  // namespace

void add_repair(CLI::App& app, Session& session) {
  auto options = std::make_shared<FileOptions>();
  CLI::App* command = app.add_subcommand("repair", "Cut off a file's unreadable end, after saving it aside");
  declare_files(*command, *options, true);
  command->footer(
      "All entries up to the first one that cannot be read are kept; the rest is saved as\n"
      "ID.towl.torn beside the file before it is cut off. Exit codes: 0 done, 2 failed.");
  command->callback([options, &session] { session.exit_code = repair_command(*options, session); });
}

}  // namespace towlctl
