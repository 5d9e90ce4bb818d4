#include "app/status_json.hpp"

#include <nlohmann/json.hpp>

namespace towld {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const CollectedFile& file) {
  Json json = {{"path", file.path},
               {"device", file.device},
               {"inode", file.inode},
               {"fingerprint", {{"bytes", file.fingerprint_bytes}, {"hash", file.fingerprint_hash}}},
               {"offset", file.offset},
               {"stored_offset", file.stored_offset},
               {"size", file.size},
               {"lag_bytes", file.lag_bytes()},
               {"bytes_in_flight", file.bytes_in_flight},
               {"open", file.open},
               {"state", file.state}};
  if (!file.why.empty()) json["why"] = file.why;
  return json;
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string to_json(const InputStatus& status) {
  Json json = {{"type", status.type}};
  if (!status.listening.empty()) json["listening"] = status.listening;
  if (status.cursor) json["cursor"] = *status.cursor;
  if (status.ended) json["ended"] = *status.ended;
  if (status.files) {
    json["include"] = status.files->include;
    json["files"] = Json::array();
    for (const CollectedFile& file : status.files->files) json["files"].push_back(json_of(file));
    json["ignored"] = Json::array();
    for (const auto& [path, why] : status.files->ignored) json["ignored"].push_back({{"path", path}, {"why", why}});
    json["missing"] = status.files->missing;
    json["open_files"] = status.files->open_files;
  }
  for (const auto& [name, count] : status.counts) json[std::string(name)] = count;
  if (status.error) json["error"] = *status.error;
  return dump(json);
}

std::string to_json(const OutputStatus& status) {
  Json json = {{"type", status.type},
               {"connected", status.connected},
               {"file_id", status.file_id},
               {"ordinal", status.ordinal},
               {"entries", status.entries},
               {"bytes", status.bytes},
               {"failures", status.failures},
               {"refused", status.refused},
               {"missed_files", status.missed_files},
               {"backlog_entries", status.backlog_entries},
               {"backlog_bytes", status.backlog_bytes},
               {"error", status.error}};
  if (!status.remotes.empty()) {
    json["remotes"] = status.remotes;
    json["connected_to"] = status.peer;
    json["connections"] = status.connections;
  }
  return dump(json);
}

}  // namespace towld
