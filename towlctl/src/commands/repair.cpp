// towlctl repair: makes a file whole again, after it has saved aside what cannot be read.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "commands/commands.hpp"
#include "commands/each_file.hpp"
#include "commands/reach_collector.hpp"
#include "files/file_facts.hpp"
#include "output/units.hpp"
#include "session/interrupt.hpp"
#include "sync/fetched_copy.hpp"
#include "towl/recover.hpp"

namespace towlctl {
namespace {

struct RepairCommandOptions : FileOptions {
  std::string from;
};

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
  if (report.filled_entries > 0) {
    out += format_count(report.filled_entries) +
           (report.filled_entries == 1 ? " entry that was" : " entries that were") +
           " lost taken from the other copy; ";
  }
  if (report.rewritten) {
    out += "rewritten from what can be read; " + format_count(report.lost_entries) +
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
                                 {"filled_entries", report.filled_entries},
                                 {"saved_files", report.saved_files}};
  if (!report.recovered.torn_file.empty()) json["torn_file"] = report.recovered.torn_file;
  return to_line(json);
}

/// Where lost entries may be found: a file, the file of the same name in a folder, or what a collector has.
class OtherCopies {
 public:
  OtherCopies(std::string from, const OpenCollector& open_collector, const Session& session)
      : from_(std::move(from)), open_collector_(open_collector), session_(session) {}

  /// The copy of `file`; "" if none was named. Valid until the next call.
  towl::Result<std::filesystem::path> of(const std::filesystem::path& file) {
    if (from_.empty()) return std::filesystem::path();
    const std::filesystem::path from = from_;
    std::error_code error;
    if (std::filesystem::is_directory(from, error)) return from / file.filename();
    if (std::filesystem::exists(from, error) || from_.find('/') != std::string::npos) return from;
    if (!collector_) {
      interrupt_.emplace();  // Not before: until then a signal ends a repair as usual.
      auto reached = reach_collector(open_collector_, from_, interrupt_->token());
      if (!reached) return tl::unexpected(reached.error());
      collector_ = std::move(*reached);
    }
    fetched_.reset();
    auto fetched = FetchedCopy::fetch(*collector_, file, session_, interrupt_->token());
    if (!fetched) return tl::unexpected(fetched.error());
    fetched_.emplace(std::move(*fetched));
    return fetched_->path();
  }

 private:
  const std::string from_;
  OpenCollector open_collector_;
  const Session& session_;
  std::optional<Interrupt> interrupt_;
  std::unique_ptr<Collector> collector_;
  std::optional<FetchedCopy> fetched_;
};

int repair_command(const RepairCommandOptions& options, const Session& session, const OpenCollector& open_collector) {
  StdoutWriter out(session, false);
  OtherCopies copies(options.from, open_collector, session);
  const int code = for_each_file(options, out, [&](const std::filesystem::path& path) -> towl::Result<void> {
    const auto lock = lock_folder_of(path);
    if (!lock) return tl::unexpected(lock.error());
    const auto copy = copies.of(path);
    if (!copy) return tl::unexpected(copy.error());
    const auto report = towl::repair(path, {.from = *copy});
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

void add_repair(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<RepairCommandOptions>();
  CLI::App* command = app.add_subcommand("repair", "Save aside what cannot be read of a file, and make the rest whole");
  declare_files(*command, *options, true);
  add_word(*command, "--from", options->from, "FILE|DIR|HOST:PORT",
           "Take what is lost from another copy: a file, a store or mirror, or a collector");
  command->footer(
      "What is cut off at the end is saved as ID.towl.torn next to the file first. In a file of format 2\n"
      "damaged frames are saved as ID.towl.damaged and the file is rewritten from all others: entries\n"
      "keep their ordinals, and a gap stands for those that are lost. In one of format 1 nothing can be\n"
      "found after the first entry that cannot be read.\n"
      "With --from, gaps are filled again, also those of an earlier repair: the running digest proves that\n"
      "entries are those that were lost. Mirrors are healed by their next sync.\n"
      "Examples: towlctl repair 3            towlctl repair 3 --from collector:50011\n"
      "          towlctl repair --store /var/lib/towl 3 --from ~/.local/share/towl/collector:50011\n"
      "Exit codes: 0 done, 2 failed.");
  command->callback([=, &session] { session.exit_code = repair_command(*options, session, open_collector); });
}

}  // namespace towlctl
