// towlctl sync: mirrors a collector's files into a local folder.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "arguments/options.hpp"
#include "collector/backoff.hpp"
#include "commands/commands.hpp"
#include "commands/restore_archive.hpp"
#include "session/interrupt.hpp"
#include "signature/public_keys.hpp"
#include "sync/follow.hpp"
#include "sync/sync_report.hpp"
#include "sync/sync_round.hpp"
#include "towl/record/time_expression.hpp"
#include "towl/store_filters.hpp"
#include "towl/time.hpp"

namespace towlctl {
namespace {

constexpr int kFailed = 1;
constexpr int kPartial = 3;
constexpr std::size_t kDefaultJobs = 2;
constexpr std::size_t kMaxJobs = 64;

struct SyncOptions {
  std::string archive;  ///< Instead of a collector.
  std::string server;
  std::string store;
  std::optional<std::string> since;
  FileFilter filter;
  bool follow = false;
  bool verbose = false;
  std::size_t jobs = kDefaultJobs;
  std::vector<std::string> keys;
};

/// At the end of a round this many bytes of text, of the files that it brought, are read for their filters: about half
/// a second of work. What is left comes with the next rounds.
constexpr std::uint64_t kFilteredBytes = std::uint64_t{128} << 20;

/// Filters tell a search which sealed files it need not open. Without them it is slower, and the next sync tries again.
void update_filters(const SyncContext& context) {
  (void)towl::update_filters(context.mirror->folder(), {.layer = &context.mirror->layer(),
                                                        .stop = [&] { return context.stop.stop_requested(); },
                                                        .most_text_bytes = kFilteredBytes});
}

/// The exit code for a finished round; says why if it is not 0.
int judge(const SyncContext& context, const RoundResult& round) {
  const SyncTotals& totals = context.report->totals;
  if (round.error && round.error->failure != PullFailure::stopped) {
    const bool cut = round.error->failure == PullFailure::cut;
    context.report->say("sync with " + context.collector->server() + " failed: " + round.error->message +
                        (cut && round.listed ? "; run it again to go on where it stopped" : ""));
    if (cut && round.listed) return kPartial;
  } else if (totals.failed == 0) {
    return kDone;
  }
  return totals.files + totals.skipped_files > 0 ? kPartial : kFailed;
}

/// Streams until the user stops it or something fails for good; runs another round after each loss.
int keep_following(const SyncContext& context, const SyncOptions& options, RoundResult round) {
  Backoff backoff(std::chrono::milliseconds(200), std::chrono::seconds(10));
  bool lost = false;
  for (;;) {
    PullError ended{PullFailure::cut, "the collector has no files yet"};
    const std::uint64_t before = context.report->totals.bytes_received;
    if (round.error) {
      ended = *round.error;
    } else {
      if (lost) context.report->say("connected to " + context.collector->server() + " again");
      lost = false;
      if (round.newest) ended = follow(context, *round.newest, options.filter.title);
      if (context.report->totals.bytes_received != before) backoff.reset();
    }
    const bool again = ended.failure == PullFailure::cut || ended.failure == PullFailure::gone ||
                       ended.failure == PullFailure::diverged;
    if (ended.failure == PullFailure::stopped) return kDone;
    if (!again) return judge(context, RoundResult{.error = ended, .listed = true});
    if (ended.failure == PullFailure::cut && (round.newest || round.error) && !lost) {
      context.report->say("lost the collector at " + context.collector->server() + " (" + ended.message +
                          "); trying again until it is back");
      lost = true;
    }
    if (!backoff.wait(context.stop)) return kDone;
    context.report->totals.skipped_files = 0;  // Counted again.
    round = sync_round(context, options.filter, options.jobs);
    update_filters(context);
  }
}

int run_sync(const SyncOptions& options, const SyncContext& context) {
  if (auto connected = context.collector->connect(context.stop); !connected) {
    if (connected.error().failure != PullFailure::stopped) context.report->say(connected.error().message);
    return kFailed;
  }
  context.report->start_progress();
  const RoundResult round = sync_round(context, options.filter, options.jobs);
  context.report->end_progress();
  update_filters(context);
  int code = judge(context, round);
  if (code == kDone && options.follow && !round.error) code = keep_following(context, options, round);
  context.report->summarize();
  // What was mirrored before is not what the collector has: nothing is missing, but somebody should know.
  if (code == kDone && context.report->totals.diverged > 0) return kFailed;
  if (code == kDone && context.report->totals.unproved > 0) return kFailed;
  return code == kDone && context.report->totals.lost_entries > 0 ? kPartial : code;
}

int sync_command(SyncOptions options, const Session& session, const OpenCollector& open_collector) {
  if (!options.archive.empty()) return restore_archive({options.archive, options.store}, session);
  if (options.server.empty()) options.server = default_server();
  const auto folder = options.store.empty() ? default_store(options.server) : std::filesystem::path(options.store);
  if (options.since) {
    const auto since = towl::parse_time_expression(*options.since, towl::now());
    if (!since) {
      complain("--since: " + since.error().message);
      return kFailure;
    }
    options.filter.since = *since;
  }
  const auto keys = read_public_keys(options.keys);
  if (!keys) {
    complain(keys.error().to_string());
    return kFailure;
  }
  const auto collector = open_collector(options.server);
  if (!collector) {
    complain(collector.error().to_string());
    return kFailed;
  }
  auto mirror = towl::StoreMirror::open(folder);
  if (!mirror) {
    const bool locked = mirror.error().code == towl::ErrorCode::locked;
    complain(locked
                 ? "another sync or a collector writes to " + folder.string() + ": wait for it, or use another --store"
                 : mirror.error().to_string());
    return kFailed;
  }
  Interrupt interrupt;
  SyncReport report(session, options.verbose);
  const int code = run_sync(options, {collector->get(), &*mirror, &report, interrupt.token(), *keys});
  return interrupt.exit_code() != 0 ? interrupt.exit_code() : code;
}

}  // namespace

void add_sync(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<SyncOptions>();
  CLI::App* command = app.add_subcommand("sync", "Mirror a collector's files into a local folder");
  add_word(*command, "--server", options->server, "HOST:PORT", "Collector (default: $TOWL_SERVER, 127.0.0.1:50011)");
  add_word(*command, "ARCHIVE", options->archive, "s3://BUCKET/PREFIX",
           "An archive instead of a collector: as `towlctl restore`");
  add_word(*command, "--store", options->store, "DIR",
           "Folder of the mirror (default: $TOWL_STORE, ~/.local/share/towl/SERVER)");
  auto* id = add_numbers(*command, "--id", options->filter.ids, "ID", "Only this file; may be given several times");
  add_text(*command, "--title", options->filter.title, "TITLE", "Only files with this title");
  add_word(*command, "--since", options->since, "TIME",
           "Only files that may have entries received since: today, -1h, 2026-01-17 …");
  command->add_flag("--follow,-f", options->follow, "Keep running and mirror entries as they are stored")->excludes(id);
  add_number(*command, "--jobs,-j", options->jobs, "N", "Files to pull at a time (default: 2)", {1, kMaxJobs});
  add_texts(
      *command, "--key", options->keys, "KEY",
      "What is pulled must be signed by this key of the collector: a .pub file, or hexadecimal digits; may be given "
      "several times");
  command->add_flag("-v,--verbose", options->verbose, "Also say how many files are only in the mirror");
  command->footer(
      R"(Only what is new travels, so run it as often as you like. What is here stays, also once the collector has
removed it.

Examples:
  towlctl sync --server logs.example.com     mirror all files of that collector
  towlctl sync -f                            keep running; for a service
  towlctl sync -q                            no output unless something fails; for cron

Exit codes: 0 all is here; 1 the collector cannot be reached, nothing could be mirrored, or something that had been
mirrored is not the collector's any more (DIVERGED: it was set aside, and what the collector has was mirrored afresh);
2 usage; 3 a part is missing: what failed is said, and the next sync goes on there; also when the collector has lost
entries, which is said once.)");
  command->callback([=, &session] { session.exit_code = sync_command(*options, session, open_collector); });
}

}  // namespace towlctl
