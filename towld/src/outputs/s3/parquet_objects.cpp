#include "outputs/s3/parquet_objects.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "outputs/parquet/round_state.hpp"
#include "outputs/s3/upload.hpp"

namespace towld {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStateFolder = ".towl";
constexpr const char* kState = "round";
constexpr std::string_view kEnding = ".parquet";

/// Where a file's object is, except for the number of what comes late.
struct ObjectName {
  std::string stem = {};  ///< host=HOST/date=YYYY-MM-DD/YYYYMMDD-HHmm
  std::uint64_t number = 1;

  std::string with(std::uint64_t another) const {
    return stem + (another == 1 ? "" : "." + std::to_string(another)) + std::string(kEnding);
  }
};

/// Of HOST/YYYY/MM/DD/YYYYMMDD-HHmm[.N].parquet; nullopt for what rounds do not write.
std::optional<ObjectName> object_name(const fs::path& relative) {
  const std::vector<std::string> parts(relative.begin(), relative.end());
  if (parts.size() != 5 || !parts[4].ends_with(kEnding)) return std::nullopt;
  std::string minute = parts[4].substr(0, parts[4].size() - kEnding.size());
  ObjectName name;
  if (const auto dot = minute.find('.'); dot != std::string::npos) {
    const char* end = minute.data() + minute.size();
    const auto parsed = std::from_chars(minute.data() + dot + 1, end, name.number);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    minute.resize(dot);
  }
  name.stem = "host=" + parts[0] + "/date=" + parts[1] + "-" + parts[2] + "-" + parts[3] + "/" + minute;
  return name;
}

/// What rounds have finished, in the order of their names.
towl::Result<std::vector<fs::path>> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  if (!fs::exists(folder, error)) return files;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename() == kStateFolder) at.disable_recursion_pending();
    std::error_code ignored;
    if (at->path().extension() == kEnding && at->is_regular_file(ignored)) files.push_back(at->path());
  }
  if (error) return towl::fail(towl::error_from_errno(error.value(), "cannot read the folder", folder.string()));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

towl::Result<void> ParquetObjects::deliver() {
  auto done = connect();
  if (done) {
    auto files = files_below(plan_.folder);
    if (!files) return towl::fail(std::move(files.error()));
    for (const fs::path& file : *files) {
      if (done) done = send(file);
    }
  }
  if (done) done = send_state();
  // Credentials may have been replaced until the next time.
  if (!done) store_.reset();
  return done;
}

towl::Result<void> ParquetObjects::connect() {
  if (!store_) {
    auto store = connect_to(plan_.place, plan_.is_stopped);
    if (!store) return towl::fail(std::move(store.error()));
    store_ = std::move(*store);
  }
  if (has_begun_) return {};
  if (auto restored = restore_state(); !restored) return restored;
  if (auto aborted = abort_uploads(*store_, plan_.place.key_of("host="), plan_.output, plan_.log.get()); !aborted) {
    return aborted;
  }
  has_begun_ = true;
  return {};
}

towl::Result<void> ParquetObjects::restore_state() {
  RoundJournal journal(plan_.folder);
  const fs::path path = journal.aside(kState);
  std::error_code error;
  if (fs::exists(path, error)) return {};
  const auto there = store_->get(plan_.place.key_of(std::string(kStateFolder) + "/" + kState));
  if (!there) return towl::fail(there.error());
  const auto state = round_state_of(nlohmann::json::parse(*there ? **there : "", nullptr, false));
  if (!state) return {};
  if (plan_.log) {
    plan_.log->info("output {}: {} is not there: it goes on where the object store says", plan_.output, path.string());
  }
  if (auto opened = journal.open(); !opened) return opened;
  return journal.save(*state);
}

towl::Result<void> ParquetObjects::send(const fs::path& file) {
  const auto name = object_name(file.lexically_relative(plan_.folder));
  if (!name) return {};
  const auto local = towl::posix_file_layer().open(file, towl::OpenMode::read);
  if (!local) return towl::fail(local.error());
  const auto size = (*local)->size();
  if (!size) return towl::fail(size.error());
  const auto digest = sha256_of(**local, *size, plan_.is_stopped);
  if (!digest) return towl::fail(digest.error());
  for (std::uint64_t number = name->number;; ++number) {
    const std::string key = plan_.place.key_of(name->with(number));
    const auto there = store_->head(key);
    if (!there) return towl::fail(there.error());
    if (*there && (*there)->meta(kSha256Meta) == *digest && (*there)->size == *size) break;
    if (*there) continue;
    const auto sent =
        upload_file(*store_, **local, {.key = key, .size = *size, .digest = *digest, .is_stopped = plan_.is_stopped});
    if (!sent) return towl::fail(sent.error());
    break;
  }
  std::error_code error;
  if (!fs::remove(file, error) || error) {
    return towl::fail(towl::error_from_errno(error.value(), "cannot remove what was sent", file.string()));
  }
  // As far as nothing else is in them.
  for (fs::path folder = file.parent_path(); folder != plan_.folder && fs::remove(folder, error);) {
    folder = folder.parent_path();
  }
  return {};
}

/// Once all that it tells of is there.
towl::Result<void> ParquetObjects::send_state() {
  RoundJournal journal(plan_.folder);
  auto loaded = journal.load();
  if (!loaded) return towl::fail(std::move(loaded.error()));
  if (!*loaded) return {};
  RoundState& state = **loaded;
  const auto is_left = [&](const RoundState::Move& move) {
    std::error_code error;
    return fs::exists(journal.aside(move.from), error);
  };
  if (std::any_of(state.moves.begin(), state.moves.end(), is_left)) return {};
  state.moves.clear();
  std::string text = round_text(state);
  if (text == sent_state_) return {};
  if (auto put = store_->put(plan_.place.key_of(std::string(kStateFolder) + "/" + kState), text); !put) return put;
  sent_state_ = std::move(text);
  return {};
}

towl::Result<std::unique_ptr<ParquetDelivery>> deliver_to_objects(ParquetDeliveryPlan plan) {
  if (auto good = towl::web::find_s3_credentials(plan.place.credentials_file); !good) return towl::fail(good.error());
  return std::make_unique<ParquetObjects>(std::move(plan));
}

}  // namespace towld

/// As a module that is loaded.
extern "C" __attribute__((visibility("default"))) void towld_deliver_to_objects(
    towld::ParquetDeliveryPlan& plan, towl::Result<std::unique_ptr<towld::ParquetDelivery>>& made) {
  made = towld::deliver_to_objects(std::move(plan));
}
