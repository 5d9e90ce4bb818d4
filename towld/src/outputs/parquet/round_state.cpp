#include "outputs/parquet/round_state.hpp"

#include <fstream>
#include <set>
#include <tuple>

#include "towl/query/address.hpp"

namespace towld {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFolder = ".towl";
constexpr const char* kState = "round";
constexpr const char* kLock = "lock";

std::optional<std::uint64_t> number_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

}  // namespace

bool is_before(const StorePosition& a, const StorePosition& b) {
  return std::tuple(a.file_id, a.ordinal) < std::tuple(b.file_id, b.ordinal);
}

json to_json(const StorePosition& position) {
  return {{"file_id", position.file_id}, {"uuid", towl::uuid_text(position.uuid)}, {"ordinal", position.ordinal}};
}

std::optional<StorePosition> position_of(const json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto file_id = number_of(object, "file_id");
  const auto ordinal = number_of(object, "ordinal");
  const auto text = object.find("uuid");
  if (!file_id || !ordinal || text == object.end() || !text->is_string()) return std::nullopt;
  const auto uuid = towl::read_uuid(text->get_ref<const std::string&>());
  if (!uuid) return std::nullopt;
  return StorePosition{*file_id, *ordinal, *uuid};
}

json to_json(const RoundState& state) {
  return {{"begin", to_json(state.begin)}, {"end", to_json(state.end)}, {"minute", state.minute}};
}

std::string round_text(const RoundState& state) {
  json object = to_json(state);
  object["moves"] = json::array();
  for (const auto& [from, to] : state.moves) object["moves"].push_back({from, to});
  return object.dump() + "\n";
}

std::optional<RoundState> round_state_of(const json& object) {
  if (!object.is_object() || !object.contains("begin") || !object.contains("end")) return std::nullopt;
  const auto begin = position_of(object["begin"]);
  const auto end = position_of(object["end"]);
  const auto minute = object.find("minute");
  if (!begin || !end || minute == object.end() || !minute->is_number_integer()) return std::nullopt;
  RoundState state{.begin = *begin, .end = *end, .minute = minute->get<std::int64_t>()};
  if (const auto moves = object.find("moves"); moves != object.end() && moves->is_array()) {
    for (const json& move : *moves) {
      if (!move.is_array() || move.size() != 2 || !move[0].is_string() || !move[1].is_string()) return std::nullopt;
      state.moves.push_back({move[0].get<std::string>(), move[1].get<std::string>()});
    }
  }
  return state;
}

RoundJournal::RoundJournal(fs::path path, towl::FileLayer& layer)
    : path_(std::move(path)), folder_(path_ / kFolder), layer_(layer) {}

towl::Result<void> RoundJournal::open() {
  if (auto made = layer_.create_folder(folder_); !made) return made;
  auto lock = layer_.lock(folder_ / kLock);
  if (!lock) return towl::fail(std::move(lock.error()));
  lock_ = std::move(*lock);
  return {};
}

towl::Result<std::optional<RoundState>> RoundJournal::load() {
  std::error_code error;
  if (!fs::exists(folder_ / kState, error)) {
    if (error) return towl::fail(towl::error_from_errno(error.value(), "cannot read", (folder_ / kState).string()));
    return std::nullopt;
  }
  std::ifstream stream(folder_ / kState, std::ios::binary);
  if (!stream) return towl::fail(towl::ErrorCode::io, "cannot read it", (folder_ / kState).string());
  return round_state_of(json::parse(stream, nullptr, false));
}

towl::Result<void> RoundJournal::finish(const RoundState& state) {
  std::set<fs::path> folders;
  for (const auto& [from, to] : state.moves) {
    const fs::path target = path_ / to;
    std::error_code error;
    if (!fs::exists(folder_ / from, error)) continue;  // It was renamed.
    if (auto made = layer_.create_folder(target.parent_path()); !made) return made;
    if (auto renamed = layer_.rename(folder_ / from, target); !renamed) return renamed;
    folders.insert(target.parent_path());
  }
  for (const fs::path& folder : folders) {
    if (auto synced = layer_.sync_folder(folder); !synced) return synced;
  }
  return remove_unfinished();
}

towl::Result<void> RoundJournal::remove_unfinished() {
  auto names = layer_.list(folder_);
  if (!names) return towl::fail(std::move(names.error()));
  std::error_code ignored;
  for (const std::string& name : *names) {
    if (name != kState && name != kLock) fs::remove_all(folder_ / name, ignored);
  }
  return {};
}

towl::Result<void> RoundJournal::save(const RoundState& state) {
  const fs::path aside = folder_ / "round.new";
  std::error_code ignored;
  fs::remove(aside, ignored);
  auto file = layer_.open(aside, towl::OpenMode::create);
  if (!file) return towl::fail(std::move(file.error()));
  if (auto written = (*file)->write_at(0, round_text(state)); !written) return written;
  if (auto synced = (*file)->sync(); !synced) return synced;
  if (auto renamed = layer_.rename(aside, folder_ / kState); !renamed) return renamed;
  return layer_.sync_folder(folder_);
}

}  // namespace towld
