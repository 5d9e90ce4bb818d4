// elasticsearch: the bulk API, and what its clients ask before
// (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk).
//
//     {"index":{"_index":"logs"}}
//     {"@timestamp":"2026-01-17T14:30:00Z","message":"…"}
//
// `index` and `create` bring entries; the index is kept as the field `_index`. The answer has an item for each: 201, or
// 400 for a document that cannot be read, which is kept among what is rejected, and for other operations: a log changes
// nothing. Clients of Elastic refuse
// servers that do not call themselves so in X-Elastic-Product.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "inputs/http/http_protocol.hpp"
#include "towl/record/json_reader.hpp"
#include "towl/record/json_text.hpp"
#include "towl/record/members.hpp"

namespace towld {
namespace {

constexpr std::array<InputPath, 12> kPaths = {{{"/_bulk", true},
                                               {"*/_bulk", true},
                                               {"/insert/elasticsearch/", true},
                                               {"/insert/elasticsearch", true},
                                               {"/_license", true},
                                               {"/_cluster/", true},
                                               {"/_cat/", true},
                                               {"/_index_template/", true},
                                               {"/_ilm/", true},
                                               {"/_ingest/", true},
                                               {"/_nodes/", true},
                                               {"/_logstash/", true}}};

constexpr std::string_view kIndexField = "_index";

HttpResponse elastic(std::string body, unsigned status = 200) {
  HttpResponse response{.status = status, .body = std::move(body)};
  response.headers.emplace_back("X-Elastic-Product", "Elasticsearch");
  return response;
}

/// The next line, with its newline and a carriage return taken off.
std::string_view take_line(std::string_view& rest) {
  std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// "logs" of "/logs/_bulk" and "/insert/elasticsearch/logs/_bulk".
std::string_view index_of(std::string_view path) {
  constexpr std::string_view kPrefix = "/insert/elasticsearch";
  if (path.starts_with(kPrefix)) path.remove_prefix(kPrefix.size());
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

class ElasticsearchProtocol final : public HttpProtocol {
 public:
  std::unique_ptr<HttpProtocol> another() const override { return std::make_unique<ElasticsearchProtocol>(); }
  bool takes(std::string_view type) const override {
    return type.empty() || type == "application/x-ndjson" || type == "application/ndjson" ||
           type == "application/json" || type == "application/vnd.elasticsearch+json" ||
           type == "application/vnd.elasticsearch+x-ndjson" || type == "text/plain";
  }
  std::string_view taken_types() const override { return "application/x-ndjson"; }

  std::optional<HttpResponse> answer(const HttpRequest& request) override {
    const std::string_view path = request.path;
    const bool is_bulk = path.ends_with("/_bulk");
    if (is_bulk && (request.method == HttpMethod::post || request.method == HttpMethod::put)) return std::nullopt;
    if (is_bulk) return http_error(405, "the bulk API takes POST and PUT");
    if (path.ends_with("/_license")) {
      return elastic(R"({"license":{"mode":"basic","status":"active","type":"basic","uid":"towl"}})");
    }
    if (path.ends_with("/_cluster/health")) {
      return elastic(R"({"cluster_name":"towl","status":"green","timed_out":false,"number_of_nodes":1})");
    }
    if (path.find("/_cat/") != std::string_view::npos) {
      HttpResponse response = elastic("1 00:00:00 towl green 1 1 0 0 0 0 0 0 - 100.0%\n");
      response.content_type = "text/plain";
      return response;
    }
    if (path == "/insert/elasticsearch" || path == "/insert/elasticsearch/") {
      return elastic(R"({"name":"towl","cluster_name":"towl","version":{"number":"8.9.0","build_flavor":"default",)"
                     R"("minimum_wire_compatibility_version":"7.17.0",)"
                     R"("minimum_index_compatibility_version":"7.0.0"},"tagline":"You Know, for Search"})");
    }
    // Templates, policies, pipelines: there are none, and none are needed.
    return elastic(
        request.method == HttpMethod::get || request.method == HttpMethod::head ? "{}" : R"({"acknowledged":true})");
  }

  towl::Result<void> read(HttpRequest& request, HttpEntries& entries) override {
    const std::string index(index_of(request.path));
    std::string_view rest = request.body;
    while (!rest.empty()) {
      const std::string_view line = take_line(rest);
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      auto action = read_action(line, index);
      if (!action) return entries.refuse(action.error(), 1);
      if (auto taken = take(*action, rest, entries); !taken) return entries.refuse(taken.error(), 1);
    }
    if (entries.answer().empty()) {
      return towl::fail(towl::ErrorCode::invalid_argument, "the bulk request has no operations");
    }
    return {};
  }

  HttpResponse stored(const HttpCounts& counts) const override {
    const bool errors = counts.answer.find(kFailed) != std::string::npos;
    return elastic(std::string(R"({"took":1,"errors":)") + (errors ? "true" : "false") + R"(,"items":[)" +
                   counts.answer + "]}");
  }

 private:
  static constexpr std::string_view kFailed = R"("status":400)";

  struct Action {
    std::string name;
    std::string index;
    std::string id;
  };

  towl::Result<Action> read_action(std::string_view line, const std::string& index) {
    const auto wrong = [] {
      return towl::fail(towl::ErrorCode::invalid_argument,
                        R"(an action is expected, e.g. {"index":{"_index":"logs"}})");
    };
    const auto members = reader_.read(line);
    if (!members || members->size() != 1 || members->front().kind != towl::JsonKind::object) return wrong();
    Action action{std::string(members->front().name), index, {}};
    const std::string inside(members->front().json);
    const auto details = reader_.read(inside);
    if (!details) return wrong();
    for (const towl::JsonMember& member : *details) {
      if (member.name == "_index") action.index = member.text;
      if (member.name == "_id") action.id = member.text;
    }
    return action;
  }

  towl::Result<void> take(const Action& action, std::string_view& rest, HttpEntries& entries) {
    const bool is_entry = action.name == "index" || action.name == "create";
    const std::string_view document = action.name == "delete" ? std::string_view() : take_line(rest);
    const auto refuse = [&](const towl::Error& error) -> towl::Result<void> {
      add_item(action, error.message, entries);
      return entries.refuse_one(document, error);
    };
    if (!is_entry)
      return refuse({towl::ErrorCode::invalid_argument, "entries cannot be changed: use index or create", {}});
    Draft& draft = entries.draft();
    if (const auto read = entry_reader_.read(document, draft); !read) return refuse(read.error());
    if (!action.index.empty()) draft.set(kIndexField, action.index);
    if (auto taken = entries.take(); !taken) return taken;
    add_item(action, {}, entries);
    return {};
  }

  /// Adds the operation's item to the answer.
  static void add_item(const Action& action, std::string_view error, HttpEntries& entries) {
    std::string& to = entries.answer();
    if (!to.empty()) to += ',';
    to += "{";
    towl::append_json_name(action.name, to);
    to += R"(:{"_index":)";
    towl::append_json_name(action.index, to);
    to += R"(,"_id":)";
    towl::append_json_name(action.id, to);
    if (error.empty()) {
      to += R"(,"_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"status":201}})";
    } else {
      to += R"(,"status":400,"error":{"type":"mapper_parsing_exception","reason":)";
      towl::append_json_name(error, to);
      to += "}}}";
    }
  }

  towl::JsonReader reader_;
  towl::JsonEntryReader entry_reader_;
};

std::unique_ptr<HttpProtocol> make() { return std::make_unique<ElasticsearchProtocol>(); }

}  // namespace

extern const HttpProtocolType kElasticsearchProtocol = {"elasticsearch", kPaths, make};

}  // namespace towld
