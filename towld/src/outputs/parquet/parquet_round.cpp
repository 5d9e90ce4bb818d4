#include "outputs/parquet/parquet_round.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "limits/limits.hpp"
#include "outputs/parquet/host_folder.hpp"
#include "outputs/parquet/round_plan.hpp"
#include "outputs/parquet/round_rows.hpp"
#include "outputs/parquet/round_state.hpp"
#include "tables/duckdb_database.hpp"
#include "towl/query/address.hpp"

namespace towld {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using towl::DuckDbDatabase;
using towl::duckdb::quoted_sql;

/// Names in the metadata of each file.
constexpr const char* kRoundKey = "towl_round";
constexpr const char* kSourcesKey = "towl_sources";

constexpr const char* kCopiedColumns =
    "timestamp, minute_key, fields, host, level, message, identifier, unit, received, ns::USMALLINT AS ns, file_uuid, "
    "ordinal::UBIGINT AS ordinal";

/// The child of a collector that was killed may still be ending.
constexpr auto kLockPatience = std::chrono::seconds(5);

/// Files whose metadata are looked at if the state is lost: more than one round has, mostly.
constexpr std::size_t kNewestFiles = 500;

towl::Result<void> open_journal(RoundJournal& journal) {
  const auto end = std::chrono::steady_clock::now() + kLockPatience;
  for (;;) {
    auto opened = journal.open();
    const bool is_locked = !opened && opened.error().code == towl::ErrorCode::locked;
    if (!is_locked || std::chrono::steady_clock::now() > end) return opened;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// The newest Parquet files below `path`, by when they were written.
std::vector<fs::path> newest_files(const fs::path& path) {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename() == ".towl") at.disable_recursion_pending();
    std::error_code ignored;
    if (at->path().extension() != ".parquet" || !at->is_regular_file(ignored)) continue;
    files.emplace_back(at->last_write_time(ignored), at->path());
  }
  const std::size_t count = std::min(files.size(), kNewestFiles);
  std::partial_sort(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(count), files.end(), std::greater<>());
  std::vector<fs::path> newest;
  for (std::size_t i = 0; i < count; ++i) newest.push_back(std::move(files[i].second));
  return newest;
}

/// Of the files that this round makes aside. What an earlier round has renamed must not have the same names: its journal
/// stays, and a start would rename what this one had not finished.
std::string unused_name() {
  std::random_device random;
  return std::to_string(std::uint64_t{random()} << 32 | random());
}

class Round {
 public:
  Round(const ParquetRequest& request, towl::Store store)
      : request_(request), store_(std::move(store)), journal_(request.path) {}

  towl::Result<ParquetAnswer> run();

  /// After an error: what was being made has no use, and its room may be what is missing.
  void drop_unfinished() {
    database_.reset();
    if (is_making_) (void)journal_.remove_unfinished();
  }

 private:
  towl::Result<void> open_database();
  towl::Result<RoundState> state();
  towl::Result<std::optional<RoundState>> state_of_files();
  towl::Result<void> check_store(const RoundState& state) const;
  towl::Result<RoundState::Move> write_file(RoundPlan& plan, RoundRows& rows, std::size_t place, bool sorted);
  std::string target_of(const RoundPlan& plan, const PlannedFile& file) const;

  const ParquetRequest& request_;
  towl::Store store_;
  RoundJournal journal_;
  const std::string name_ = unused_name();
  std::unique_ptr<DuckDbDatabase> database_;
  std::uint64_t bytes_ = 0;
  bool is_making_ = false;  ///< Nothing that is aside belongs to the path.
};

towl::Result<void> Round::open_database() {
  auto opened = DuckDbDatabase::open(":memory:", {{"threads", "1"},
                                                  {"memory_limit", request_.memory},
                                                  {"temp_directory", journal_.aside("spill").string()},
                                                  {"autoinstall_known_extensions", "false"}});
  if (!opened) return towl::fail(std::move(opened.error()));
  database_ = std::move(*opened);
  return {};
}

towl::Result<std::optional<RoundState>> Round::state_of_files() {
  const auto files = newest_files(request_.path);
  if (files.empty()) return std::nullopt;
  std::string list;
  for (const fs::path& file : files) list += (list.empty() ? "" : ", ") + quoted_sql(file.string());
  auto texts = database_->texts("SELECT decode(value) FROM parquet_kv_metadata([" + list + "]) WHERE decode(key) = '" +
                                kRoundKey + "'");
  if (!texts) return towl::fail(std::move(texts.error()));
  std::optional<RoundState> newest;
  for (const std::string& text : *texts) {
    auto state = round_state_of(json::parse(text, nullptr, false));
    if (state && (!newest || is_before(newest->end, state->end))) newest = std::move(state);
  }
  return newest;
}

/// What was written until now, with all files where they belong.
towl::Result<RoundState> Round::state() {
  auto saved = journal_.load();
  if (!saved) return towl::fail(std::move(saved.error()));
  if (*saved) {
    if (auto finished = journal_.finish(**saved); !finished) return towl::fail(std::move(finished.error()));
    return std::move(**saved);
  }
  auto found = state_of_files();
  if (!found) return towl::fail(std::move(found.error()));
  if (auto removed = journal_.remove_unfinished(); !removed) return towl::fail(std::move(removed.error()));
  if (*found) return std::move(**found);
  return RoundState{.begin = request_.start, .end = request_.start};
}

towl::Result<void> Round::check_store(const RoundState& state) const {
  const auto file_id = state.end.file_id;
  bool is_other = file_id > request_.end.file_id;
  if (const auto reader = store_.open_file(file_id); file_id > 0 && reader) {
    is_other |= reader->header().uuid != state.end.uuid;
  }
  if (!is_other) return {};
  return towl::fail(towl::ErrorCode::invalid_argument,
                    "what is there was written from another store: give this output a path of its own, or remove " +
                        journal_.aside("round").string() + " and the files",
                    request_.path);
}

/// Below the path; a number in it if the name is taken: what comes late has a file of its own.
std::string Round::target_of(const RoundPlan& plan, const PlannedFile& file) const {
  const std::string stem = plan.folder(file) + "/" + day_folder(file.minute) + "/" + minute_key(file.minute);
  std::error_code ignored;
  for (std::uint64_t number = 1;; ++number) {
    std::string target = stem + (number == 1 ? "" : "." + std::to_string(number)) + ".parquet";
    if (!fs::exists(fs::path(request_.path) / target, ignored)) return target;
  }
}

towl::Result<RoundState::Move> Round::write_file(RoundPlan& plan, RoundRows& rows, std::size_t place, bool sorted) {
  const PlannedFile& file = plan.files()[place];
  json sources = json::array();
  for (const SourceRange& source : file.sources) {
    sources.push_back(
        {{"file_uuid", towl::uuid_text(source.first.uuid)}, {"first", source.first.ordinal}, {"last", source.last}});
  }
  const std::string name = name_ + "-" + std::to_string(place) + ".parquet";
  const fs::path path = journal_.aside(name);
  rows.choose(place);
  const std::string from = sorted ? "sorted WHERE place = " + std::to_string(place) : "towl_round()";
  auto copied = database_->number(
      "COPY (SELECT " + std::string(kCopiedColumns) + " FROM " + from + ") TO " + quoted_sql(path.string()) +
      " (FORMAT parquet, COMPRESSION " + request_.compression + ", ROW_GROUP_SIZE 61440, KV_METADATA {" + kRoundKey +
      ": " + quoted_sql(to_json(plan.after()).dump()) + ", " + kSourcesKey + ": " + quoted_sql(sources.dump()) + "})");
  if (!copied) return towl::fail(std::move(copied.error()));
  if (static_cast<std::uint64_t>(*copied) != file.entries) {
    return towl::fail(towl::ErrorCode::io,
                      "there are " + std::to_string(*copied) + " of its " + std::to_string(file.entries) +
                          " entries: the store has changed while they were read",
                      path.string());
  }
  auto opened = towl::posix_file_layer().open(path, towl::OpenMode::read_write);
  if (!opened) return towl::fail(std::move(opened.error()));
  if (auto synced = (*opened)->sync(); !synced) return towl::fail(std::move(synced.error()));
  if (const auto size = (*opened)->size()) bytes_ += *size;
  return RoundState::Move{name, target_of(plan, file)};
}

towl::Result<ParquetAnswer> Round::run() {
  if (auto opened = open_journal(journal_); !opened) return towl::fail(std::move(opened.error()));
  if (auto opened = open_database(); !opened) return towl::fail(std::move(opened.error()));
  auto before = state();
  if (!before) return towl::fail(std::move(before.error()));
  if (auto checked = check_store(*before); !checked) return towl::fail(std::move(checked.error()));
  if (request_.only_check) return ParquetAnswer{.end = before->end, .holds = before->holds()};
  auto plan = RoundPlan::make(store_, request_, *before);
  if (!plan) return towl::fail(std::move(plan.error()));
  RoundRows rows(store_, *plan, before->begin, plan->after().end);
  if (auto known = towl::register_rows(*database_, "towl_round", rows); !known) {
    return towl::fail(std::move(known.error()));
  }
  is_making_ = true;
  std::uint64_t spans = 0;
  for (const PlannedFile& file : plan->files()) spans += file.span;
  const bool sorted = spans > plan->entries() * kParquetPasses;
  if (sorted) {
    rows.choose(std::nullopt);
    auto made = database_->execute("CREATE TEMP TABLE sorted AS SELECT * FROM towl_round()");
    if (!made) return towl::fail(std::move(made.error()));
  }
  RoundState after = plan->after();
  for (std::size_t place = 0; place < plan->files().size(); ++place) {
    auto move = write_file(*plan, rows, place, sorted);
    if (!move) return towl::fail(std::move(move.error()));
    after.moves.push_back(std::move(*move));
  }
  auto saved = journal_.save(after);
  is_making_ = false;
  if (!saved) return towl::fail(std::move(saved.error()));
  if (auto finished = journal_.finish(after); !finished) return towl::fail(std::move(finished.error()));
  return ParquetAnswer{.end = after.end,
                       .holds = after.holds(),
                       .entries = plan->entries(),
                       .files = plan->files().size(),
                       .bytes = bytes_,
                       .other_hosts = plan->other_hosts(),
                       .missed_files = plan->missed_files(),
                       .damaged_places = plan->damaged_places()};
}

}  // namespace

towl::Result<ParquetAnswer> write_round(const ParquetRequest& request) {
  auto store = towl::Store::open(request.store);
  if (!store) return towl::fail(std::move(store.error()));
  Round round(request, std::move(*store));
  auto answer = round.run();
  if (!answer) round.drop_unfinished();
  return answer;
}

}  // namespace towld
