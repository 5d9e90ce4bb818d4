// towlctl verify: reads whole files and reports what is damaged; with a key, also what is not as it was signed.
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "commands/each_file.hpp"
#include "files/file_facts.hpp"
#include "files/file_layers.hpp"
#include "output/units.hpp"
#include "signature/public_keys.hpp"
#include "towl/recover.hpp"
#include "towl/signed_heads.hpp"

namespace towlctl {
namespace {

constexpr int kDamaged = 1;

struct VerifyOptions {
  FileOptions files;
  std::vector<std::string> keys;
  std::string against;  // another copy: a folder, or a file
};

// What was found out about one file.
struct Verified {
  towl::VerifyReport report;
  std::optional<towl::HeadsReport> heads;
  bool is_good() const { return report.whole() && (!heads || heads->findings.empty()); }
};

std::string describe_signed(const towl::HeadsReport& heads) {
  if (heads.proved == heads.count) return ", all of them signed";
  return heads.heads == 0 ? ", none of them signed yet" : ", " + format_count(heads.proved) + " of them signed so far";
}

std::string describe(const std::filesystem::path& path, const Verified& verified) {
  const towl::VerifyReport& report = verified.report;
  if (verified.is_good()) {
    return path.string() + ": whole, " + format_count(report.count) + (report.count == 1 ? " entry" : " entries") +
           (verified.heads ? describe_signed(*verified.heads) : "") + "\n";
  }
  std::string out;
  auto findings = report.findings;
  if (verified.heads) findings.insert(findings.end(), verified.heads->findings.begin(), verified.heads->findings.end());
  for (const towl::Finding& finding : findings) {
    out += path.string() + ": offset " + std::to_string(finding.offset) + ": ";
    if (finding.ordinal) out += "ordinal " + std::to_string(*finding.ordinal) + ": ";
    out += finding.what + "\n";
  }
  return out;
}

std::string describe_json(const std::filesystem::path& path, const Verified& verified) {
  const towl::VerifyReport& report = verified.report;
  nlohmann::ordered_json json = {{"path", path.string()},
                                 {"file_id", report.header.file_id},
                                 {"whole", report.whole()},
                                 {"count", report.count},
                                 {"data_end", report.data_end},
                                 {"size", report.size},
                                 {"findings", nlohmann::ordered_json::array()}};
  const auto add = [](nlohmann::ordered_json& to, const std::vector<towl::Finding>& findings) {
    for (const towl::Finding& finding : findings) {
      nlohmann::ordered_json one = {{"offset", finding.offset}, {"what", finding.what}};
      if (finding.ordinal) one["ordinal"] = *finding.ordinal;
      to.push_back(std::move(one));
    }
  };
  add(json["findings"], report.findings);
  if (verified.heads) {
    const towl::HeadsReport& heads = *verified.heads;
    json["signed"] = {{"heads", heads.heads}, {"proved", heads.proved}, {"findings", nlohmann::ordered_json::array()}};
    add(json["signed"]["findings"], heads.findings);
  }
  return to_line(json);
}

// The heads of the other copy of the file, if it has one.
towl::Result<std::vector<towl::SignedHead>> heads_of_other(const std::string& against,
                                                           const std::filesystem::path& path) {
  if (against.empty()) return std::vector<towl::SignedHead>();
  std::filesystem::path other = against;
  if (is_folder(other)) other /= path.filename();
  auto heads = towl::read_heads(other, &file_layer());
  if (!heads && heads.error().code == towl::ErrorCode::not_found) return std::vector<towl::SignedHead>();
  return heads;
}

towl::Result<Verified> verify_file(const std::filesystem::path& path, const std::vector<std::string>& keys,
                                   const std::string& against) {
  auto report = towl::verify(path, {.layer = &file_layer()});
  if (!report) return tl::unexpected(report.error());
  Verified verified{std::move(*report), std::nullopt};
  if (keys.empty()) return verified;
  auto others = heads_of_other(against, path);
  if (!others) return tl::unexpected(others.error());
  auto heads = towl::check_heads(
      path,
      {.public_keys = keys, .check = check_signature, .from = 0, .others = std::move(*others), .layer = &file_layer()});
  if (!heads) return tl::unexpected(heads.error());
  verified.heads = std::move(*heads);
  return verified;
}

int verify_command(const VerifyOptions& options, const Session& session) {
  const auto keys = read_public_keys(options.keys);
  if (!keys) {
    complain(keys.error().to_string());
    return kFailure;
  }
  StdoutWriter out(session, false);
  bool damaged = false;
  const int code = for_each_file(options.files, out, [&](const std::filesystem::path& path) -> towl::Result<void> {
    const auto verified = verify_file(path, *keys, options.against);
    if (!verified) return tl::unexpected(verified.error());
    damaged |= !verified->is_good();
    if (session.json) {
      out.write(describe_json(path, *verified));
    } else if (!session.quiet || !verified->is_good()) {
      out.write(describe(path, *verified));
    }
    return {};
  });
  if (!out.flush() || code != kDone) return kFailure;
  return damaged ? kDamaged : kDone;
}

}  // namespace

void add_verify(CLI::App& app, Session& session) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = app.add_subcommand("verify", "Read files whole and report damage");
  declare_files(*command, options->files, false);
  auto* key = add_texts(*command, "--key", options->keys, "KEY",
                        "Also check that the collector signed these entries with this key: a .pub file, or hexadecimal "
                        "digits; may be given several times");
  add_word(*command, "--against", options->against, "DIR",
           "Another mirror: what it was given signed must be what is here, too")
      ->needs(key);
  command->footer(
      "Exit codes: 0 all files are whole, 1 some are damaged or not as they were signed, 2 some could not be checked.\n"
      "A file that is closed must be signed to its end; one that is open is as far as the last signature.\n"
      "Format 1 has no checksums: damage inside an entry's text cannot be seen.");
  command->callback([options, &session] { session.exit_code = verify_command(*options, session); });
}

}  // namespace towlctl
