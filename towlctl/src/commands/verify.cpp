// towlctl verify: reads files whole and reports what is damaged.
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

constexpr int kDamaged = 1;

std::string describe(const std::filesystem::path& path, const towl::VerifyReport& report) {
  if (report.whole()) {
    return path.string() + ": whole, " + format_count(report.count) + (report.count == 1 ? " entry" : " entries") +
           "\n";
  }
  std::string out;
  for (const towl::Finding& finding : report.findings) {
    out += path.string() + ": offset " + std::to_string(finding.offset) + ": ";
    if (finding.ordinal) out += "ordinal " + std::to_string(*finding.ordinal) + ": ";
    out += finding.what + "\n";
  }
  return out;
}

std::string describe_json(const std::filesystem::path& path, const towl::VerifyReport& report) {
  nlohmann::ordered_json json = {{"path", path.string()},
                                 {"file_id", report.header.file_id},
                                 {"whole", report.whole()},
                                 {"count", report.count},
                                 {"data_end", report.data_end},
                                 {"size", report.size},
                                 {"findings", nlohmann::ordered_json::array()}};
  for (const towl::Finding& finding : report.findings) {
    nlohmann::ordered_json one = {{"offset", finding.offset}, {"what", finding.what}};
    if (finding.ordinal) one["ordinal"] = *finding.ordinal;
    json["findings"].push_back(std::move(one));
  }
  return to_line(json);
}

int verify_command(const FileOptions& options, const Session& session) {
  StdoutWriter out(session, false);
  bool damaged = false;
  const int code = for_each_file(options, out, [&](const std::filesystem::path& path) -> towl::Result<void> {
    const auto report = towl::verify(path);
    if (!report) return tl::unexpected(report.error());
    damaged |= !report->whole();
    if (session.json) {
      out.write(describe_json(path, *report));
    } else if (!session.quiet || !report->whole()) {
      out.write(describe(path, *report));
    }
    return {};
  });
  if (!out.flush() || code != kDone) return kFailure;
  return damaged ? kDamaged : kDone;
}

}  // namespace

void add_verify(CLI::App& app, Session& session) {
  auto options = std::make_shared<FileOptions>();
  CLI::App* command = app.add_subcommand("verify", "Read files whole and report damage");
  declare_files(*command, *options, false);
  command->footer(
      "Exit codes: 0 all files are whole, 1 some are damaged, 2 some could not be checked.\n"
      "Format 1 has no checksums: damage inside an entry's text cannot be seen.");
  command->callback([options, &session] { session.exit_code = verify_command(*options, session); });
}

}  // namespace towlctl
