// towlctl doctor: what is wrong with a setup, and what to do about it. It changes nothing.
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/reach_collector.hpp"
#include "context/contexts.hpp"
#include "files/file_facts.hpp"
#include "files/local_files.hpp"
#include "output/stdout_writer.hpp"
#include "output/units.hpp"
#include "towl/mirror/store_mirror.hpp"
#include "towl/time.hpp"
#include "towl/version.hpp"

namespace towlctl {
namespace {

constexpr int kSomethingWrong = 1;
/// Clocks that NTP keeps differ by less; a person who reads two logs side by side would notice more.
constexpr std::int64_t kClockToleranceNs = 2'000'000'000;
/// Pages of a list of files: a collector that sends more is not asked further.
constexpr int kMaxPages = 1000;

struct DoctorOptions {
  std::string server;
  std::string store;
};

enum class State { good, unsure, wrong };

struct Finding {
  const char* about;
  State state;
  std::string says;
};

/// "1 file", "1,200 files"
std::string counted(std::uint64_t count, const char* one, const char* many) {
  return format_count(count) + " " + (count == 1 ? one : many);
}

const char* name_of(State state) {
  switch (state) {
    case State::good:
      return "good";
    case State::unsure:
      return "unsure";
    case State::wrong:
      break;
  }
  return "wrong";
}

Finding check_contexts() {
  const auto path = contexts_path();
  const auto contexts = read_contexts(path);
  if (!contexts) return {"config", State::wrong, contexts.error().to_string()};
  const auto context = context_in_use(*contexts);
  if (!context) return {"config", State::wrong, context.error().to_string()};
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return {"config", State::good, "no " + path.string() + ": the environment and the defaults hold"};
  }
  if (*context == nullptr) {
    return {"config", State::good, path.string() + ", no context in use"};
  }
  return {"config", State::good, path.string() + ", context " + (*context)->name};
}

/// What the collector's list of files says.
struct Listed {
  std::string store;  ///< Identity.
  std::uint64_t files = 0;
  std::optional<towl::Timestamp> newest = {};  ///< Time of receipt, by the collector's clock.
};

towl::Result<Listed> list_files(Collector& collector, const std::stop_token& stop) {
  Listed listed;
  ListRequest request;
  for (int pages = 0; pages < kMaxPages; ++pages) {
    const auto page = collector.list_files(request, stop);
    if (!page) return towl::fail(towl::ErrorCode::io, page.error().message);
    listed.store = page->store;
    const towl::FileId before = request.after;
    for (const towl::ServedFile& file : page->files) {
      ++listed.files;
      request.after = std::max(request.after, file.file_id());
      if (file.index.last && (!listed.newest || *file.index.last > *listed.newest)) listed.newest = file.index.last;
    }
    if (!page->more || request.after == before) break;
  }
  return listed;
}

/// A collector does not say its time; but no entry can have been received later than now.
Finding check_clock(const Listed& listed) {
  if (!listed.newest) return {"clock", State::unsure, "the collector has no entry to compare it with"};
  const std::int64_t ahead = *listed.newest - towl::now();
  if (ahead <= kClockToleranceNs) return {"clock", State::good, "the newest entry was not received in the future"};
  return {"clock", State::wrong,
          "the collector received an entry " + std::to_string(ahead / 1'000'000'000) +
              " s after now: set this machine's clock or the collector's (timedatectl tells whether NTP does)"};
}

Finding check_version(Collector& collector) {
  const auto version = collector.version();
  if (!version) return {"version", State::unsure, "the collector does not say: " + version.error().to_string()};
  const std::string ours(towl::kVersion);
  if (*version == ours) return {"version", State::good, "towlctl and towld " + ours};
  return {"version", State::unsure,
          "towlctl " + ours + ", towld " + printable(*version) + ": install the same version on both sides"};
}

/// Opening a mirror makes its folder, so that is done only if there is one.
Finding check_identity(const std::filesystem::path& folder, const Listed& listed) {
  if (listed.store.empty()) return {"identity", State::unsure, "the collector does not say which store it has"};
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return {"identity", State::good, "nothing is mirrored yet from store " + printable(listed.store)};
  }
  const auto mirror = towl::StoreMirror::open(folder);
  if (!mirror) {
    const bool locked = mirror.error().code == towl::ErrorCode::locked;
    return {"identity", locked ? State::good : State::wrong,
            locked ? "a sync or a collector writes to " + folder.string() + " now" : mirror.error().to_string()};
  }
  if (mirror->identity().empty() || mirror->identity() == listed.store) {
    return {"identity", State::good, "the mirror is of store " + printable(listed.store)};
  }
  return {"identity", State::wrong,
          folder.string() + " mirrors another store, " + printable(mirror->identity()) + "; the collector has " +
              printable(listed.store) + ": name another folder with --store, or the next sync sets its files aside"};
}

Finding check_store(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder, ignored)) {
    return {"store", State::unsure, folder.string() + " is not there yet: `towlctl sync` makes it"};
  }
  const auto paths = find_files(folder, {});
  if (!paths) return {"store", State::wrong, paths.error().to_string()};
  std::uint64_t entries = 0;
  for (const auto& path : *paths) {
    const auto facts = read_facts(path);
    if (!facts) {
      return {"store", State::wrong, facts.error().to_string() + "; `towlctl verify` tells more"};
    }
    entries += facts->count;
  }
  if (access(folder.c_str(), W_OK) != 0) {
    return {"store", State::unsure, folder.string() + " can be read, but not written: a sync there will fail"};
  }
  return {
      "store", State::good,
      folder.string() + ": " + counted(paths->size(), "file", "files") + ", " + counted(entries, "entry", "entries")};
}

std::vector<Finding> check_collector(const std::string& server, const std::filesystem::path& folder,
                                     const OpenCollector& open_collector, const std::stop_token& stop) {
  const auto collector = reach_collector(open_collector, server, stop);
  if (!collector) return {{"server", State::wrong, collector.error().to_string()}};
  const auto listed = list_files(**collector, stop);
  if (!listed) return {{"server", State::wrong, server + " answers, but " + listed.error().to_string()}};
  return {{"server", State::good, server + " answers; it has " + counted(listed->files, "file", "files")},
          check_version(**collector),
          check_clock(*listed),
          check_identity(folder, *listed)};
}

int doctor_command(const DoctorOptions& options, const Session& session, const OpenCollector& open_collector) {
  const std::string server = options.server.empty() ? default_server() : options.server;
  const auto folder = options.store.empty() ? default_store(server) : std::filesystem::path(options.store);
  StdoutWriter out(session, false);
  Interrupt interrupt;
  int code = kDone;
  const auto report = [&](const Finding& finding) {
    if (finding.state == State::wrong) code = kSomethingWrong;
    if (session.json) {
      out.write(to_line({{"check", finding.about}, {"state", name_of(finding.state)}, {"says", finding.says}}));
    } else {
      std::string line = std::string(name_of(finding.state));
      line.resize(8, ' ');
      line += finding.about;
      line.resize(18, ' ');
      out.write(line + finding.says + "\n");
    }
    out.flush();
  };
  report(check_contexts());
  report(check_store(folder));
  for (const Finding& finding : check_collector(server, folder, open_collector, interrupt.token())) report(finding);
  if (interrupt.exit_code() != 0) return interrupt.exit_code();
  return out.flush() ? code : kFailure;
}

}  // namespace

void add_doctor(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = app.add_subcommand("doctor", "Say what is wrong with a setup, and what to do");
  add_word(*command, "--server", options->server, "HOST:PORT", "Collector (default: $TOWL_SERVER, 127.0.0.1:50011)");
  add_word(*command, "--store", options->store, "DIR",
           "Folder of the mirror (default: $TOWL_STORE, ~/.local/share/towl/SERVER)");
  command->footer(
      R"(Looks at the file with the contexts, the mirror, whether the collector can be reached and lists its files, both
versions, the clocks, and whether the mirror is one of that collector's store. Changes nothing.

Examples:
  towlctl doctor
  towlctl --json doctor --server logs.example.com

Exit codes: 0 nothing is wrong; 1 something is; 2 usage or failure.)");
  command->callback([=, &session] { session.exit_code = doctor_command(*options, session, open_collector); });
}

}  // namespace towlctl
