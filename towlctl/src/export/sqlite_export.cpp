#include "export/export.hpp"
#include "tables/sqlite_logs.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;

/// What a transaction keeps in memory and next to the database is bounded.
constexpr std::uint64_t kBatchEntries = 100'000;

towl::Result<void> fill(towl::SqliteLogs& logs, ExportedEntries& entries, ExportedFacts& facts) {
  if (auto dropped = logs.drop_index(); !dropped) return dropped;
  towl::RecordView record;
  for (;;) {
    const auto entry = entries.next();
    if (!entry) return tl::unexpected(entry.error());
    if (*entry == nullptr) break;
    if (auto begun = logs.begin(); !begun) return begun;
    record.set((*entry)->entry);
    if (auto added = logs.add(record); !added) return added;
    facts.add((*entry)->entry.time());
    if (facts.entries % kBatchEntries != 0) continue;
    if (auto committed = logs.commit(); !committed) return committed;
  }
  if (auto committed = logs.commit(); !committed) return committed;
  return logs.make_index();
}

towl::Result<void> check(towl::SqliteLogs& logs, const ExportedFacts& facts) {
  const auto count = logs.count();
  if (!count) return tl::unexpected(count.error());
  const auto times = logs.times();
  if (!times) return tl::unexpected(times.error());
  const bool has_times = facts.entries == 0 || (times->first == towl::full_time_text(facts.first) &&
                                                times->second == towl::full_time_text(facts.last));
  if (*count == facts.entries && has_times) return {};
  return towl::fail(towl::ErrorCode::corrupt, "the table has not what was written: " + std::to_string(*count) +
                                                  " rows of " + std::to_string(facts.entries));
}

towl::Result<void> write(const fs::path& path, ExportedEntries& entries, ExportedFacts& facts) {
  auto logs = towl::SqliteLogs::open(path, false);
  if (!logs) return tl::unexpected(logs.error());
  if (auto filled = fill(*logs, entries, facts); !filled) return filled;
  if (auto checked = check(*logs, facts); !checked) return checked;
  return logs->finish();
}

}  // namespace

towl::Result<Exported> export_to_sqlite(const ExportOptions& options) {
  auto entries = ExportedEntries::open(options.selection);
  if (!entries) return tl::unexpected(entries.error());
  const fs::path partial = partial_name(options.to);
  std::error_code ignored;
  for (const char* ending : {"", "-wal", "-shm"}) fs::remove(partial.string() + ending, ignored);
  Exported exported{.files = 1};
  auto written = write(partial, *entries, exported.facts);
  if (!written) {
    for (const char* ending : {"", "-wal", "-shm"}) fs::remove(partial.string() + ending, ignored);
    return tl::unexpected(written.error());
  }
  // Of the database that is replaced.
  for (const char* ending : {"-wal", "-shm"}) fs::remove(options.to.string() + ending, ignored);
  const auto bytes = finish_file(options.to);
  if (!bytes) return tl::unexpected(bytes.error());
  exported.bytes = *bytes;
  exported.losses = entries->losses();
  return exported;
}

}  // namespace towlctl
