// towlctl append: stores lines as entries, at a collector or in a store.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "append/batch.hpp"
#include "append/detect_format.hpp"
#include "append/line_source.hpp"
#include "append/server_sink.hpp"
#include "append/store_sink.hpp"
#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/reach_collector.hpp"
#include "output/units.hpp"
#include "session/interrupt.hpp"
#include "towl/limits.hpp"
#include "towl/record/record_view.hpp"

namespace towlctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long a line may wait for others to share its batch.
constexpr auto kHold = milliseconds(100);

enum class Format { automatic, text, journal_json };

struct AppendOptions {
  std::string server;
  std::string store;
  std::optional<std::string> title;
  std::optional<std::string> sender;
  towl::FileFormat file_format = towl::FileFormat::v2;
  Format format = Format::automatic;
  std::optional<Durability> durability;
  std::vector<std::string> files;
};

std::string host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return "localhost";
  return name;
}

/// Reads lines and hands them to a sink in batches.
class Appender {
 public:
  Appender(std::string sender, Format format, EntrySink& sink, std::stop_token stop)
      : max_line_bytes_(towl::kMaxEntryBytes - std::min(towl::kMaxEntryBytes, sender.size())),
        batch_(std::move(sender)),
        format_(format),
        sink_(sink),
        stop_(std::move(stop)) {}

  /// Entries whose own time cannot be read: they get the time of their arrival.
  std::uint64_t unreadable_times() const { return unreadable_times_; }

  /// The first error, after which nothing more was read. The sink has what came before it.
  towl::Result<void> read_all(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      auto source = LineSource::open(file, max_line_bytes_);
      auto done = source ? read(*source) : towl::Result<void>(tl::unexpected(source.error()));
      auto flushed = flush();
      if (!done) return done;
      if (!flushed) return flushed;
    }
    return {};
  }

 private:
  towl::Result<void> read(LineSource& source) {
    while (!stop_.stop_requested()) {
      const auto line = source.next(kHold);
      if (!line) return tl::unexpected(line.error());
      switch (line->kind) {
        case Line::Kind::end:
          return {};
        case Line::Kind::too_long:
          return towl::fail(towl::ErrorCode::entry_too_large,
                            "line " + std::to_string(source.number()) + ": an entry holds at most " +
                                format_bytes(towl::kMaxEntryBytes) + ", its sender included",
                            source.name());
        case Line::Kind::line:
          if (auto done = add(line->text); !done) return done;
          break;
        case Line::Kind::nothing:
          break;
      }
      // The clock is read only when reading is about to wait or to cost a system call anyway.
      if (!source.has_line()) {
        received_.reset();
        if (steady_clock::now() - begun_ >= kHold) {
          if (auto done = flush(); !done) return done;
        }
      }
    }
    return {};
  }

  towl::Result<void> add(std::string_view text) {
    if (batch_.is_full_for(text.size())) {
      if (auto done = flush(); !done) return done;
    }
    if (batch_.empty()) begun_ = steady_clock::now();
    // Lines that were read together were received together.
    if (!received_) received_ = towl::now();
    const towl::LogFormat format = format_of(text);
    batch_.add(*received_, said_time(format, text), format, text);
    return {};
  }

  std::optional<towl::Timestamp> said_time(towl::LogFormat format, std::string_view text) {
    record_.set({.sender = {}, .received = *received_, .log_format = format, .log_entry = text});
    bool is_unreadable = false;
    const auto time = record_.said_time(zone_, is_unreadable);
    unreadable_times_ += is_unreadable ? 1 : 0;
    return time;
  }

  towl::LogFormat format_of(std::string_view text) {
    if (format_ == Format::automatic) return detect_(text);
    return format_ == Format::text ? towl::LogFormat::text : towl::LogFormat::journal_json;
  }

  towl::Result<void> flush() {
    if (batch_.empty()) return {};
    auto done = sink_.append(batch_);
    batch_.clear();
    return done;
  }

  std::size_t max_line_bytes_;
  Batch batch_;
  Format format_;
  EntrySink& sink_;
  std::stop_token stop_;
  FormatDetector detect_;
  towl::RecordView record_;
  const towl::TimeZone zone_ = towl::TimeZone::local();
  std::uint64_t unreadable_times_ = 0;
  steady_clock::time_point begun_;  // of the batch
  std::optional<towl::Timestamp> received_;
};

void summarize(const Stored& stored, const Session& session) {
  if (session.json) {
    nlohmann::ordered_json json = {{"entries", stored.entries}};
    if (stored.first_file) json["first_file"] = *stored.first_file;
    if (stored.last_file) json["last_file"] = *stored.last_file;
    if (stored.entries > 0) json["durability"] = name_of(stored.durability);
    std::puts(json.dump().c_str());
    std::fflush(stdout);
    return;
  }
  if (session.quiet) return;
  std::string line = "stored " + format_count(stored.entries) + (stored.entries == 1 ? " entry" : " entries");
  if (stored.first_file) {
    const bool one = stored.first_file == stored.last_file;
    line += one ? " in file " : " in files ";
    line += std::to_string(*stored.first_file) + (one ? "" : "-" + std::to_string(*stored.last_file));
  }
  if (stored.entries > 0) line += std::string(" (") + name_of(stored.durability) + ")";
  std::fprintf(stderr, "%s\n", line.c_str());
}

towl::Result<std::unique_ptr<EntrySink>> open_sink(const AppendOptions& options, const OpenCollector& open_collector,
                                                   const std::stop_token& stop) {
  if (!options.store.empty()) {
    auto sink = StoreSink::open(options.store, options.title, options.durability.value_or(Durability::synced),
                                options.file_format);
    if (sink) return std::move(*sink);
    if (sink.error().code != towl::ErrorCode::locked) return tl::unexpected(sink.error());
    return towl::fail(towl::ErrorCode::locked,
                      "another process writes to this store: append through its collector "
                      "with --server, or wait for it",
                      options.store);
  }
  auto collector = reach_collector(open_collector, options.server, stop);
  if (!collector) return tl::unexpected(collector.error());
  return std::make_unique<ServerSink>(std::move(*collector), options.durability.value_or(Durability::unspecified));
}

int append_command(const AppendOptions& options, const Session& session, const OpenCollector& open_collector) {
  if (options.title && options.store.empty() && !session.quiet) {
    complain("--title is not used: a collector gives its files the title of its own configuration");
  }
  Interrupt interrupt;
  const auto sink = open_sink(options, open_collector, interrupt.token());
  if (!sink) {
    complain(sink.error().to_string());
    return interrupt.exit_code() != 0 ? interrupt.exit_code() : kFailure;
  }
  Appender appender(options.sender.value_or(host_name()), options.format, **sink, interrupt.token());
  auto done = appender.read_all(options.files.empty() ? std::vector<std::string>{"-"} : options.files);
  const auto finished = (*sink)->finish();
  summarize((*sink)->stored(), session);
  if (appender.unreadable_times() > 0) {
    complain(format_count(appender.unreadable_times()) +
             " entries say when they happened in a way that cannot be read: they have the time of their arrival");
  }
  if (done && !finished) done = finished;
  if (!done) complain(done.error().to_string());
  if (interrupt.exit_code() != 0) return interrupt.exit_code();
  return done ? kDone : kFailure;
}

}  // namespace

void add_append(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<AppendOptions>();
  CLI::App* command = app.add_subcommand("append", "Store lines as entries");
  auto* server = add_word(*command, "--server", options->server, "HOST:PORT",
                          "Collector (default: $TOWL_SERVER, 127.0.0.1:50011)");
  add_word(*command, "--store", options->store, "DIR", "Write to the store in this folder, without a collector")
      ->excludes(server);
  add_text(*command, "--title", options->title, "TITLE",
           "Title of the file, with --store (default: as the newest file's)");
  add_text(*command, "--sender", options->sender, "HOST", "Sender of the entries (default: this host's name)");
  const std::map<std::string, Format> formats = {
      {"auto", Format::automatic}, {"text", Format::text}, {"journal-json", Format::journal_json}};
  add_choice(*command, "--log-format", options->format, formats, "FORMAT",
             "What the lines are: auto, text, journal-json");
  const std::map<std::string, Durability> levels = {
      {"written", Durability::written}, {"interval", Durability::interval}, {"synced", Durability::synced}};
  add_choice(*command, "--durability", options->durability, levels, "LEVEL",
             "What is waited for: written, interval, synced (default: the collector's; synced with --store)");
  const std::map<std::string, towl::FileFormat> file_formats = {{"v1", towl::FileFormat::v1},
                                                                {"v2", towl::FileFormat::v2}};
  add_choice(*command, "--file-format", options->file_format, file_formats, "v1|v2",
             "Format of new files, with --store: v2 (the default), or v1 for programs that know no other");
  add_texts(*command, "FILE", options->files, "...", "What to read; - or none: standard input");
  command->footer(
      R"(Each line becomes an entry: free text, or a systemd journal entry if it is one JSON object of journalctl.

Examples:
  towlctl append /var/log/dpkg.log           store a file's lines at the collector
  journalctl -o json | towlctl append        store a journal
  make 2>&1 | towlctl append --store logs    no collector: a store in the folder logs

Exit codes: 0 all is stored; 2 not all is, and how much is said.)");
  command->callback([=, &session] { session.exit_code = append_command(*options, session, open_collector); });
}

}  // namespace towlctl
