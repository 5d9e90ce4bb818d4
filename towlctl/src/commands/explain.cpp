// towlctl explain: whether a collector reads a file, how far, and why or why not.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/include_pattern.hpp"
#include "commands/reach_collector.hpp"
#include "output/stdout_writer.hpp"
#include "output/text.hpp"
#include "output/units.hpp"

namespace towlctl {
namespace {

using Json = nlohmann::json;

struct ExplainOptions {
  std::string server;
  std::string path;
};

/// What one input knows about a path.
struct Found {
  std::string input;
  Json file = {};        ///< If it is one of its files.
  std::string why = {};  ///< If it matches, and is ignored.
};

std::vector<Found> find(const CollectorStats& stats, const std::string& path) {
  std::vector<Found> all;
  for (const auto& input : stats.inputs) {
    const Json facts = Json::parse(input.description, nullptr, false);
    if (!facts.is_object() || facts.value("type", "") != "file") continue;
    for (const Json& file : facts.value("files", Json::array())) {
      if (file.value("path", "") == path) all.push_back({.input = input.name, .file = file});
    }
    for (const Json& ignored : facts.value("ignored", Json::array())) {
      if (ignored.value("path", "") == path) all.push_back({.input = input.name, .why = ignored.value("why", "")});
    }
  }
  return all;
}

std::string includes_of(const CollectorStats& stats) {
  std::string text;
  for (const auto& input : stats.inputs) {
    const Json facts = Json::parse(input.description, nullptr, false);
    if (!facts.is_object() || facts.value("type", "") != "file") continue;
    text += "  input " + input.name + " reads";
    for (const Json& include : facts.value("include", Json::array())) {
      if (include.is_string()) text += " " + include.get<std::string>();
    }
    text += "\n";
  }
  return text.empty() ? "  no input of type file is configured\n" : text;
}

/// The inputs whose patterns match the path, and the patterns.
std::string wanting(const CollectorStats& stats, const std::string& path) {
  std::string text;
  for (const auto& input : stats.inputs) {
    const Json facts = Json::parse(input.description, nullptr, false);
    if (!facts.is_object() || facts.value("type", "") != "file") continue;
    for (const Json& include : facts.value("include", Json::array())) {
      if (!include.is_string() || !include_matches(include.get<std::string>(), path)) continue;
      text += "  input " + input.name + " would read it: " + include.get<std::string>() + " matches\n";
    }
  }
  return text;
}

std::string tell(const std::string& path, const Found& found) {
  std::string text = path + "\n  input:       " + found.input + "\n";
  if (found.file.empty()) return text + "  state:       not read: " + found.why + "\n";
  const Json& file = found.file;
  const auto number = [&](const char* name) { return file.value(name, std::uint64_t{0}); };
  text += "  state:       " + file.value("state", "") +
          (file.contains("why") ? ": " + file.value("why", "") : std::string()) + "\n";
  text += "  read:        " + format_count(number("offset")) + " of " + format_count(number("size")) + " bytes; " +
          format_count(number("lag_bytes")) + " to go\n";
  text += "  stored:      up to byte " + format_count(number("stored_offset")) + ", from where a restart goes on\n";
  text +=
      "  identity:    device " + std::to_string(number("device")) + ", inode " + std::to_string(number("inode")) + "\n";
  if (const Json print = file.value("fingerprint", Json::object()); print.is_object()) {
    text += "  fingerprint: of the first " + std::to_string(print.value("bytes", std::uint64_t{0})) + " bytes\n";
  }
  return text;
}

int explain_command(const ExplainOptions& options, const Session& session, const OpenCollector& open_collector) {
  const auto stats = ask_stats(options.server, open_collector);
  if (!stats) {
    complain(stats.error().to_string());
    return kFailure;
  }
  std::error_code error;
  const std::string path = std::filesystem::absolute(options.path, error).lexically_normal().string();
  const auto found = find(*stats, path);
  StdoutWriter out(session, false);
  if (session.json) {
    Json all = {{"path", path}, {"inputs", Json::array()}};
    for (const Found& one : found) {
      Json entry = {{"input", one.input}};
      if (one.file.empty()) {
        entry["ignored"] = one.why;
      } else {
        entry["file"] = one.file;
      }
      all["inputs"].push_back(std::move(entry));
    }
    out.write(all.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (found.empty()) {
    const std::string inputs = wanting(*stats, path);
    if (inputs.empty()) {
      out.write(
          escape_control(path + "\n  state:       not read: no input's include matches it\n" + includes_of(*stats)));
    } else {
      out.write(
          escape_control(path + "\n  state:       not read: it is not there, on the collector's machine\n" + inputs));
    }
  } else {
    for (const Found& one : found) out.write(escape_control(tell(path, one)));
  }
  return out.flush() ? kDone : kFailure;
}

}  // namespace

void add_explain(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "Show whether and how far a collector reads a file, and why");
  add_word(*command, "PATH", options->path, "", "The file, as the collector's machine names it")->required();
  add_word(*command, "--server", options->server, "HOST:PORT",
           "The collector or agent there (default: $TOWL_SERVER, 127.0.0.1:50011)");
  command->footer(R"(Example:
  towlctl explain /var/log/syslog            is it read, how far, and if not: why?

Exit codes: 0 the answer is printed, also if the file is not read; 2 the collector gave none.)");
  command->callback([=, &session] { session.exit_code = explain_command(*options, session, open_collector); });
}

}  // namespace towlctl
