// towlctl seal: makes closed files permanently small and quick to read.
#include "towl/seal.hpp"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands/commands.hpp"
#include "commands/each_file.hpp"
#include "files/file_facts.hpp"
#include "output/units.hpp"
#include "session/interrupt.hpp"
#include "towl/file_writer.hpp"
#include "towl/store_filters.hpp"

namespace towlctl {
namespace {

struct SealCommand {
  FileOptions files;
  bool close = false;
};

std::string describe(const std::filesystem::path& path, const towl::SealReport& report) {
  if (report.was_sealed) return path.string() + ": sealed already\n";
  return path.string() + ": " + format_count(report.index.count) + (report.index.count == 1 ? " entry" : " entries") +
         ", " + format_bytes(report.bytes_before) + " are now " + format_bytes(report.bytes_after) + "\n";
}

std::string describe_json(const std::filesystem::path& path, const towl::SealReport& report) {
  return to_line(nlohmann::ordered_json{{"path", path.string()},
                                        {"was_sealed", report.was_sealed},
                                        {"count", report.index.count},
                                        {"bytes_before", report.bytes_before},
                                        {"bytes_after", report.bytes_after}});
}

towl::Result<void> close_file(const std::filesystem::path& path) {
  const auto facts = read_facts(path);
  if (!facts) return tl::unexpected(facts.error());
  if (facts->index.closed) return {};
  auto writer = towl::FileWriter::open(path);
  if (!writer) return tl::unexpected(writer.error());
  return writer->close();
}

int seal_command(const SealCommand& options, const Session& session) {
  StdoutWriter out(session, false);
  Interrupt interrupt;
  const int code = for_each_file(options.files, out, [&](const std::filesystem::path& path) -> towl::Result<void> {
    const auto lock = lock_folder_of(path);
    if (!lock) return tl::unexpected(lock.error());
    if (options.close) {
      if (auto closed = close_file(path); !closed) return closed;
    }
    std::string filter;
    const auto report = towl::seal(path, {.stop = [&] { return interrupt.token().stop_requested(); }}, &filter);
    if (!report) return tl::unexpected(report.error());
    // Without it searches are slower; the next collector or sync here makes it again.
    if (report->was_sealed) {
      (void)towl::update_filters(std::filesystem::absolute(path).parent_path());
    } else {
      (void)towl::add_filter(std::filesystem::absolute(path), filter);
    }
    if (session.json) {
      out.write(describe_json(path, *report));
    } else if (!session.quiet) {
      out.write(describe(path, *report));
    }
    return {};
  });
  if (interrupt.exit_code() != 0) return interrupt.exit_code();
  return out.flush() ? code : kFailure;
}

}  // namespace

void add_seal(CLI::App& app, Session& session) {
  auto options = std::make_shared<SealCommand>();
  CLI::App* command = app.add_subcommand("seal", "Make closed files small and quick to read for good");
  declare_files(*command, options->files, true);
  command->add_flag("--close", options->close, "Close files that are open first");
  command->footer(
      "A collector seals its files by itself. Entries, ordinals and digest stay the same; nothing can be\n"
      "appended any more. The file is replaced only once its sealed copy was read back and synced.");
  command->callback([options, &session] { session.exit_code = seal_command(*options, session); });
}

}  // namespace towlctl
