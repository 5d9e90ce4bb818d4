// towlctl retain: removes old files of a collector or of a local store.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/reach_collector.hpp"
#include "output/stdout_writer.hpp"
#include "output/units.hpp"
#include "session/interrupt.hpp"
#include "towl/quantity.hpp"
#include "towl/store.hpp"

namespace towlctl {
namespace {

struct RetainOptions {
  std::string server;
  std::string store;
  std::string max_age;
  std::string max_bytes;
  std::string keep_free;
  bool dry_run = false;
  bool confirm_clock = false;
};

towl::Result<void> read_keep_free(std::string text, towl::RetentionPolicy& policy) {
  const bool percent = text.ends_with('%');
  if (percent) text.pop_back();
  const auto value = towl::parse_bytes(text);
  if (!value) return tl::unexpected(value.error());
  if (percent && *value > 99) return towl::fail(towl::ErrorCode::invalid_argument, "a percentage must be 0% to 99%");
  if (percent) {
    policy.keep_free_percent = static_cast<double>(*value);
  } else {
    policy.keep_free_bytes = *value;
  }
  return {};
}

towl::Result<towl::RetentionPolicy> read_policy(const RetainOptions& options) {
  towl::RetentionPolicy policy;
  if (!options.max_age.empty()) {
    const auto age = towl::parse_duration(options.max_age);
    if (!age) return tl::unexpected(age.error());
    policy.max_age_ns = *age;
  }
  if (!options.max_bytes.empty()) {
    const auto bytes = towl::parse_bytes(options.max_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    policy.max_bytes = *bytes;
  }
  if (!options.keep_free.empty()) {
    if (auto done = read_keep_free(options.keep_free, policy); !done) return tl::unexpected(done.error());
  }
  return policy;
}

towl::Result<Retained> retain_here(const RetainOptions& options, const towl::RetentionPolicy& policy) {
  const auto files = towl::retain(options.store, policy, options.dry_run);
  if (!files) {
    auto error = files.error();
    if (error.code == towl::ErrorCode::locked)
      error.message = "a collector or a sync writes to this store: use --server";
    return tl::unexpected(error);
  }
  Retained retained;
  for (const auto& file : *files) retained.files.push_back({file.file_id, file.index.count, file.size});
  return retained;
}

towl::Result<Retained> retain_there(const RetainOptions& options, const towl::RetentionPolicy& policy,
                                    const OpenCollector& open_collector) {
  Interrupt interrupt;
  const auto collector = reach_collector(open_collector, options.server, interrupt.token());
  if (!collector) return tl::unexpected(collector.error());
  return (*collector)->retain({policy, options.dry_run, options.confirm_clock});
}

void tell_clock_gap(std::int64_t gap_ns) {
  constexpr std::int64_t kHourNs = 3600 * towl::kNanosecondsPerSecond;
  const std::int64_t hours = gap_ns / kHourNs;
  complain("the collector's clock is " + std::to_string(hours < 0 ? -hours : hours) + " hours " +
           (gap_ns < 0 ? "behind" : "ahead of") +
           " the time that it saw pass, and is not believed: files grow old by the time that passes. If the clock is "
           "right: towlctl retain --confirm-clock");
}

int retain_command(const RetainOptions& options, const Session& session, const OpenCollector& open_collector) {
  const auto policy = read_policy(options);
  const auto removed = !policy                 ? tl::unexpected(policy.error())
                       : options.store.empty() ? retain_there(options, *policy, open_collector)
                                               : retain_here(options, *policy);
  if (!removed) {
    complain(removed.error().to_string());
    return kFailure;
  }
  StdoutWriter out(session, false);
  for (const RemovedFile& file : removed->files) {
    if (session.json) {
      out.write(nlohmann::ordered_json{
                    {"file_id", file.file_id}, {"count", file.count}, {"size", file.size}, {"dry_run", options.dry_run}}
                    .dump() +
                "\n");
    } else if (!session.quiet) {
      out.write(std::string(options.dry_run ? "would remove" : "removed") + " file " + std::to_string(file.file_id) +
                ": " + format_count(file.count) + " entries, " + format_bytes(file.size) + "\n");
    }
  }
  if (removed->clock_gap_ns) tell_clock_gap(*removed->clock_gap_ns);
  if (removed->files.empty() && !session.quiet && !session.json) out.write("nothing to remove\n");
  return out.flush() ? kDone : kFailure;
}

}  // namespace

void add_retain(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<RetainOptions>();
  CLI::App* command = app.add_subcommand("retain", "Remove old files of a collector or of a local store");
  auto* server = add_word(*command, "--server", options->server, "HOST:PORT",
                          "Collector (default: $TOWL_SERVER, 127.0.0.1:50011)");
  add_word(*command, "--store", options->store, "DIR", "A local store or mirror, instead of a collector")
      ->excludes(server);
  auto* age = add_word(*command, "--max-age", options->max_age, "AGE", "Remove files closed longer ago, e.g. 30d");
  auto* bytes =
      add_word(*command, "--max-bytes", options->max_bytes, "SIZE", "Remove until the store is no larger, e.g. 100GiB");
  auto* free = add_word(*command, "--keep-free", options->keep_free, "SIZE|PERCENT",
                        "Remove until so much of the file system is free, e.g. 10GiB or 5%");
  command->add_flag("-n,--dry-run", options->dry_run, "Only tell what would be removed");
  auto* confirm = command->add_flag("--confirm-clock", options->confirm_clock,
                                    "The collector's clock is right: believe it from now on");
  command->footer(
      "Removes whole files that are closed, oldest first, never the newest. With none of --max-age,\n"
      "--max-bytes and --keep-free a collector does as its configuration says.\n"
      "A collector counts ages by the time that it saw pass. If its clock is more than a day from that (it\n"
      "was set, or the collector was switched off), it is believed again once both agree for an hour, or\n"
      "with --confirm-clock.");
  confirm->excludes("--store")->excludes("--dry-run");
  command->callback([=, &session] {
    if (!options->store.empty() && age->empty() && bytes->empty() && free->empty()) {
      complain("with --store, say what to remove: --max-age, --max-bytes or --keep-free");
      session.exit_code = kFailure;
      return;
    }
    session.exit_code = retain_command(*options, session, open_collector);
  });
}

}  // namespace towlctl
