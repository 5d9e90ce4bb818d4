// Stand-ins for servers that are not available here: Elasticsearch, Loki, and a receiver of lines. They are strict:
// they refuse what the real one refuses.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/stand_in_server.hpp"

namespace towld::test {

using towl::test::StandInAnswer;
using towl::test::StandInRequest;
using towl::test::StandInServer;

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// An index by ID, as in the bulk API: a document whose ID exists is refused with 409.
class StandInElasticsearch {
 public:
  /// The status for a document instead of the usual one; 0: the usual one.
  std::function<int(const nlohmann::json& document)> judge = [](const nlohmann::json&) { return 0; };
  /// Instead of looking at the request; status 0: it is looked at.
  std::function<StandInAnswer()> instead = [] { return StandInAnswer{.status = 0}; };
  /// The answer to a request that was done is lost.
  std::function<bool()> loses_answer = [] { return false; };

  StandInAnswer operator()(const StandInRequest& request) {
    std::lock_guard lock(mutex_);
    if (auto answer = instead(); answer.status != 0 || answer.cut) return answer;
    if (request.method != "POST" || !request.target.starts_with("/_bulk")) return {.status = 405};
    if (request.headers.at("content-type") != "application/x-ndjson") return {.status = 406};
    if (!request.body.ends_with('\n')) return {.status = 400, .body = "must end with a newline"};
    const auto lines = lines_of(request.body);
    if (lines.empty() || lines.size() % 2 != 0) return {.status = 400, .body = "an action without a document"};
    nlohmann::json items = nlohmann::json::array();
    bool errors = false;
    for (std::size_t i = 0; i < lines.size(); i += 2) {
      const auto action = nlohmann::json::parse(lines[i]).at("create");
      const auto document = nlohmann::json::parse(lines[i + 1]);
      if (!document.contains("@timestamp")) ADD_FAILURE() << "no time: " << lines[i + 1];
      int status = judge(document);
      if (status == 0) {
        const auto [place, is_new] = documents.emplace(action.at("_id"), document);
        status = is_new ? 201 : 409;
        repeats += is_new ? 0 : 1;
        if (is_new) indices.insert(action.at("_index"));
      }
      errors = errors || status >= 300;
      items.push_back({{"create", {{"status", status}}}});
      if (status >= 300) items.back()["create"]["error"] = {{"type", "some_exception"}, {"reason", "as told"}};
    }
    ++requests;
    if (loses_answer()) return {.cut = true};
    return {.body = nlohmann::json{{"errors", errors}, {"items", items}}.dump()};
  }

  std::size_t size() {
    std::lock_guard lock(mutex_);
    return documents.size();
  }

  std::mutex mutex_;
  std::map<std::string, nlohmann::json> documents;
  std::set<std::string> indices;
  std::uint64_t requests = 0;
  std::uint64_t repeats = 0;
};

}  // namespace towld::test
