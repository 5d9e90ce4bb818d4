// towlctl repair: cuts off what cannot be read at a file's end, after saving it aside.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands/commands.hpp"
#include "filenames.hpp"
#include "local_files.hpp"
#include "output/stdout_writer.hpp"
#include "towl/file_layer.hpp"
#include "towl/recover.hpp"
#include "units.hpp"

namespace towlctl {
namespace {

struct RepairOptions {
  std::string store;
  std::vector<std::string> files;
};

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
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int repair_command(const RepairOptions& options, const Session& session) {
  const auto paths = find_files(local_store(options.store), options.files);
  if (!paths) {
    complain(paths.error().to_string());
    return kFailure;
  }
  StdoutWriter out(session, false);
  int code = kDone;
  for (const auto& path : *paths) {
    const auto report = repair(path);
    if (!report) {
      out.flush();
      complain(report.error().to_string());
      code = kFailure;
    } else if (session.json) {
      out.write(describe_json(path, *report));
    } else if (!session.quiet) {
      out.write(describe(path, *report));
    }
  }
  return out.flush() ? code : kFailure;
}

}  // namespace

void add_repair(CLI::App& app, Session& session) {
  auto options = std::make_shared<RepairOptions>();
  CLI::App* command = app.add_subcommand("repair", "Cut off a file's unreadable end, after saving it aside");
  command->add_option("--store", options->store, "Folder of the store or mirror")->option_text("DIR");
  command->add_option("FILE", options->files, "File IDs or paths")->option_text("…")->required();
  command->footer(
      "All entries up to the first one that cannot be read are kept; the rest is saved as\n"
      "ID.towl.torn beside the file before it is cut off. Exit codes: 0 done, 2 failed.");
  command->callback([options, &session] { session.exit_code = repair_command(*options, session); });
}

}  // namespace towlctl
