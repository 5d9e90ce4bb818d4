// towlctl repair: makes a file whole again, after saving aside what cannot be read.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands/commands.hpp"
#include "commands/each_file.hpp"
#include "files/file_facts.hpp"
#include "output/units.hpp"
#include "towl/recover.hpp"

namespace towlctl {
namespace {

std::string describe(const std::filesystem::path& path, const towl::RepairReport& report) {
  const towl::RecoverReport& recovered = report.recovered;
  std::string out = path.string() + ": ";
  if (recovered.torn_bytes > 0) {
    out += "cut off " + format_bytes(recovered.torn_bytes) + " at the end, saved as " + recovered.torn_file + " (" +
           recovered.reason + "); ";
  }
  if (recovered.burnt_ordinals > 0) {
    out +=
        "ordinals that entries in it may have had are not given out again: " + format_count(recovered.burnt_ordinals) +
        "; ";
  }
  if (report.rewritten) {
    out += "made anew from what can be read; " + format_count(report.lost_entries) +
           (report.lost_entries == 1 ? " entry is lost; " : " entries are lost; ");
    for (const std::string& saved : report.saved_files) out += "what cannot be read is saved as " + saved + "; ";
  } else if (recovered.torn_bytes == 0) {
    out += recovered.index_rewritten ? "wrote the index page again; " : "nothing to repair; ";
  }
  return out + format_count(recovered.index.count) + " entries\n";
}

std::string describe_json(const std::filesystem::path& path, const towl::RepairReport& report) {
  nlohmann::ordered_json json = {{"path", path.string()},
                                 {"count", report.recovered.index.count},
                                 {"torn_bytes", report.recovered.torn_bytes},
                                 {"burnt_ordinals", report.recovered.burnt_ordinals},
                                 {"index_rewritten", report.recovered.index_rewritten},
                                 {"rewritten", report.rewritten},
                                 {"lost_entries", report.lost_entries},
                                 {"saved_files", report.saved_files}};
  if (!report.recovered.torn_file.empty()) json["torn_file"] = report.recovered.torn_file;
  return to_line(json);
}

int repair_command(const FileOptions& options, const Session& session) {
  StdoutWriter out(session, false);
  const int code = for_each_file(options, out, [&](const std::filesystem::path& path) -> towl::Result<void> {
    const auto lock = lock_folder_of(path);
    if (!lock) return tl::unexpected(lock.error());
    const auto report = towl::repair(path);
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
  CLI::App* command = app.add_subcommand("repair", "Save aside what cannot be read of a file, and make the rest whole");
  declare_files(*command, *options, true);
  command->footer(
      "What is cut off at the end is saved as ID.towl.torn beside the file first. In a file of format 2\n"
      "damaged frames are saved as ID.towl.damaged and the file is made anew from all others: entries\n"
      "keep their ordinals, and a gap stands for those that are lost. In one of format 1 nothing can be\n"
      "found behind the first entry that cannot be read. Exit codes: 0 done, 2 failed.");
  command->callback([options, &session] { session.exit_code = repair_command(*options, session); });
}

}  // namespace towlctl
