#include "outputs/parquet/parquet_request.hpp"

#include <nlohmann/json.hpp>

#include "outputs/parquet/round_state.hpp"

namespace towld {
namespace {

using nlohmann::json;

tl::unexpected<towl::Error> not_one(const char* what) {
  return towl::fail(towl::ErrorCode::corrupt, std::string("this is no ") + what + " of what writes Parquet");
}

std::string line_of(const json& object) { return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"; }

}  // namespace

std::string to_line(const ParquetRequest& request) {
  return line_of({{"store", request.store},
                  {"path", request.path},
                  {"compression", request.compression},
                  {"memory", request.memory},
                  {"start", to_json(request.start)},
                  {"end", to_json(request.end)},
                  {"minute", request.minute},
                  {"all", request.all},
                  {"only_check", request.only_check}});
}

std::string to_line(const towl::Result<ParquetAnswer>& answer) {
  if (!answer) {
    return line_of({{"error", answer.error().to_string()}, {"code", static_cast<int>(answer.error().code)}});
  }
  return line_of({{"end", to_json(answer->end)},
                  {"holds", answer->holds},
                  {"entries", answer->entries},
                  {"files", answer->files},
                  {"bytes", answer->bytes},
                  {"other_hosts", answer->other_hosts},
                  {"missed_files", answer->missed_files},
                  {"damaged_places", answer->damaged_places}});
}

towl::Result<ParquetRequest> read_request(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return not_one("request");
  try {
    const auto start = position_of(object.at("start"));
    const auto end = position_of(object.at("end"));
    if (!start || !end) return not_one("request");
    return ParquetRequest{.store = object.at("store"),
                          .path = object.at("path"),
                          .compression = object.at("compression"),
                          .memory = object.at("memory"),
                          .start = *start,
                          .end = *end,
                          .minute = object.at("minute"),
                          .all = object.at("all"),
                          .only_check = object.at("only_check")};
  } catch (const json::exception&) {
    return not_one("request");
  }
}

towl::Result<ParquetAnswer> read_answer(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return not_one("answer");
  try {
    if (object.contains("error")) {
      return towl::fail(static_cast<towl::ErrorCode>(object.at("code").get<int>()), object.at("error"));
    }
    const auto end = position_of(object.at("end"));
    if (!end) return not_one("answer");
    return ParquetAnswer{.end = *end,
                         .holds = object.at("holds"),
                         .entries = object.at("entries"),
                         .files = object.at("files"),
                         .bytes = object.at("bytes"),
                         .other_hosts = object.at("other_hosts"),
                         .missed_files = object.at("missed_files"),
                         .damaged_places = object.at("damaged_places")};
  } catch (const json::exception&) {
    return not_one("answer");
  }
}

}  // namespace towld
