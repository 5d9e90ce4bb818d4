// towlctl stat: what a collector did with the entries of each input.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/reach_collector.hpp"
#include "output/stdout_writer.hpp"
#include "output/table.hpp"
#include "output/text.hpp"
#include "output/units.hpp"

namespace towlctl {
namespace {

using OrderedJson = nlohmann::ordered_json;

struct StatOptions {
  std::string server;
  bool gaps = false;
};

/// What parts say about themselves; null if it cannot be read.
OrderedJson description_of(const std::string& text) {
  OrderedJson description = OrderedJson::parse(text, nullptr, false);
  return description.is_discarded() ? OrderedJson() : description;
}

OrderedJson to_json(const InputStats& input) {
  return {{"input", input.name},
          {"received", input.received},
          {"stored", input.stored},
          {"rejected", input.rejected},
          {"dropped", input.dropped},
          {"filtered", input.filtered},
          {"below_level", input.below_level},
          {"overflowed", input.overflowed},
          {"lost_in_source", input.lost_in_source},
          {"parse_failures", input.parse_failures},
          {"time_failures", input.time_failures},
          {"cut", input.cut},
          {"bytes", input.bytes},
          {"description", description_of(input.description)}};
}

/// "12 filtered, 3 overflowed"
std::string reasons_of(const InputStats& input) {
  std::string text;
  const auto add = [&](std::uint64_t count, const char* what) {
    if (count > 0) text += (text.empty() ? "" : ", ") + format_count(count) + " " + what;
  };
  add(input.filtered, "dropped by a parser");
  add(input.below_level, "below min_level");
  add(input.overflowed, "dropped: no room");
  add(input.lost_in_source, "gone before they were read");
  add(input.parse_failures, "stored unparsed");
  add(input.time_failures, "with a time that cannot be read");
  add(input.cut, "cut to the limit");
  return text;
}

bool has_gap(const InputStats& input) { return input.overflowed > 0 || input.lost_in_source > 0; }

std::string inputs_table(const CollectorStats& stats, bool gaps) {
  std::vector<std::vector<std::string>> rows = {{"INPUT", "RECEIVED", "STORED", "REJECTED", "DROPPED", "REASONS"}};
  for (const auto& input : stats.inputs) {
    if (gaps && !has_gap(input)) continue;
    rows.push_back({input.name, format_count(input.received), format_count(input.stored), format_count(input.rejected),
                    format_count(input.dropped), reasons_of(input)});
  }
  if (!gaps) {
    rows.push_back({"all", format_count(stats.received), format_count(stats.stored), format_count(stats.rejected),
                    format_count(stats.dropped), ""});
  }
  return rows.size() > 1 ? table(rows, 1, 5) : "no input has lost anything since the collector was started\n";
}

std::string output_line(const OutputStats& output) {
  const auto facts = nlohmann::json::parse(output.description, nullptr, false);
  std::string text = "output " + output.name + ": ";
  if (!facts.is_object()) return text + "\n";
  if (facts.value("type", "") == "towl") {
    const std::string to = facts.value("connected_to", "");
    text += to.empty() ? "not connected" : "connected to " + to;
    text += ", " + format_count(facts.value("entries", std::uint64_t{0})) + " entries forwarded, " +
            format_bytes(facts.value("backlog_bytes", std::uint64_t{0})) + " waiting";
  } else {
    text += format_count(facts.value("entries", std::uint64_t{0})) + " entries written";
    if (facts.contains("error") && facts["error"].is_string() && !facts["error"].get<std::string>().empty()) {
      text += "; " + facts["error"].get<std::string>();
    }
  }
  return text + "\n";
}

int stat_command(const StatOptions& options, const Session& session, const OpenCollector& open_collector) {
  const auto stats = ask_stats(options.server, open_collector);
  if (!stats) {
    complain(stats.error().to_string());
    return kFailure;
  }
  StdoutWriter out(session, false);
  if (session.json) {
    OrderedJson all = {{"received", stats->received},         {"stored", stats->stored},
                       {"rejected", stats->rejected},         {"dropped", stats->dropped},
                       {"queued_bytes", stats->queued_bytes}, {"inputs", OrderedJson::array()},
                       {"outputs", OrderedJson::array()}};
    for (const auto& input : stats->inputs) {
      if (!options.gaps || has_gap(input)) all["inputs"].push_back(to_json(input));
    }
    for (const auto& output : stats->outputs) {
      all["outputs"].push_back({{"output", output.name}, {"description", description_of(output.description)}});
    }
    // In ASCII: some characters beyond it mean something to terminals.
    out.write(all.dump(-1, ' ', true, OrderedJson::error_handler_t::replace) + "\n");
  } else {
    // Names and descriptions come from the collector: nothing in them may do anything to a terminal.
    out.write(escape_control(inputs_table(*stats, options.gaps)));
    if (!options.gaps) {
      for (const auto& output : stats->outputs) out.write(escape_control(output_line(output)));
    }
  }
  return out.flush() ? kDone : kFailure;
}

}  // namespace

void add_stat(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<StatOptions>();
  CLI::App* command = app.add_subcommand("stat", "Show what a collector did with the entries of each input");
  add_word(*command, "--server", options->server, "HOST:PORT",
           "Collector or agent (default: $TOWL_SERVER, 127.0.0.1:50011)");
  command->add_flag("--gaps", options->gaps,
                    "Only inputs that lost entries: no room for them, or gone before they were read");
  command->footer(
      "Counts are since the collector was started. received = stored + rejected + dropped + queued;\n"
      "`all` has entries that were appended or pushed by gRPC, too.");
  command->callback([=, &session] { session.exit_code = stat_command(*options, session, open_collector); });
}

}  // namespace towlctl
