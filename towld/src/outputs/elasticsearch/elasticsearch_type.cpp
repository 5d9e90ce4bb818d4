// The row of outputs of type `elasticsearch`: the bulk API, which OpenSearch and others speak as well
// (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk).
//
//     {"create":{"_index":"logs-towl-default","_id":"UUID/ORDINAL"}}
//     {"@timestamp":"2026-01-17T14:30:00Z","message":"…","host":{"name":"web-1"},"log":{"level":"err"},"fields":{…}}
//
// An entry that is sent again is there already: 409, which is as good as 201. So each is there once, whatever dies.
// `create`, since data streams take nothing else.
#include <nlohmann/json.hpp>

#include "outputs/entry_template.hpp"
#include "outputs/output_type.hpp"
#include "outputs/web/web_config.hpp"
#include "outputs/web/web_sink.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

struct ElasticsearchConfig {
  WebConfig web = {};
  std::string index = "logs-towl-default";

  friend bool operator==(const ElasticsearchConfig&, const ElasticsearchConfig&) = default;
};

/// What the status of one item means.
Fate fate_of(int status) {
  if ((status >= 200 && status < 300) || status == 409) return Fate::taken;
  // Of the others 4xx is what the document is, unless it is what the index is (404 missing, 403 read-only, 429 busy).
  const bool is_document = status >= 400 && status < 500 && status != 401 && status != 403 && status != 404 &&
                           status != 408 && status != 429;
  return is_document ? Fate::refused : Fate::again;
}

class BulkProtocol final : public WebProtocol {
 public:
  explicit BulkProtocol(const ElasticsearchConfig& config)
      : index_(EntryTemplate::parse(config.index).value_or(EntryTemplate())), headers_(config.web.headers) {}

  void encode(const FollowedEntry& followed, const towl::RecordView& record, WebEntry& entry) override {
    std::string index;
    index_.append(followed, record, index);
    std::string& to = entry.text;
    to += R"({"create":{"_index":)";
    towl::append_json_name(index, to);
    to += R"(,"_id":)";
    towl::append_json_name(entry.place, to);
    to += "}}\n";
    append_document(followed, record, to);
    to += '\n';
  }

  towl::web::Request request(std::span<const WebEntry> entries) override {
    towl::web::Request request{.method = "POST", .url = "/_bulk?filter_path=errors,items.*.status,items.*.error"};
    request.headers.emplace_back("Content-Type", "application/x-ndjson");
    for (const auto& header : headers_) request.headers.push_back(header);
    for (const WebEntry& entry : entries) request.body += entry.text;
    return request;
  }

  WebVerdict judge(const towl::web::Response& response, std::span<const WebEntry> entries) override {
    WebVerdict verdict = judge_status(response);
    if (verdict.all != Fate::taken) return verdict;
    verdict.all = Fate::again;
    const auto answer = nlohmann::json::parse(response.body, nullptr, false);
    const auto errors = answer.is_object() ? answer.find("errors") : answer.end();
    if (!answer.is_object() || errors == answer.end() || !errors->is_boolean()) {
      verdict.reason = "the server's answer is none of the bulk API: is the url that of Elasticsearch?";
      return verdict;
    }
    if (!errors->get<bool>()) {
      verdict.all = Fate::taken;
      return verdict;
    }
    read_items(answer, entries.size(), verdict);
    return verdict;
  }

 private:
  static void append_document(const FollowedEntry& followed, const towl::RecordView& record, std::string& to) {
    to += R"({"@timestamp":")";
    to += towl::format_rfc3339(followed.entry.time()).view();
    to += R"(","message":)";
    // Arrays of bytes would not be text to an index.
    towl::append_json_name(record.message(), to);
    to += R"(,"host":{"name":)";
    towl::append_json_name(followed.entry.sender, to);
    to += '}';
    if (const auto level = record.level()) {
      to += R"(,"log":{"level":")";
      to += towl::level_name(*level);
      to += "\"}";
    }
    if (record.has_fields()) {
      to += R"(,"fields":{)";
      bool is_first = true;
      for (const towl::JsonMember& member : record.members()) {
        if (!std::exchange(is_first, false)) to += ',';
        towl::append_json_name(member.name, to);
        to += ':';
        to += member.json;
      }
      to += '}';
    }
    to += '}';
  }

  static void read_items(const nlohmann::json& answer, std::size_t count, WebVerdict& verdict) {
    const auto items = answer.find("items");
    if (items == answer.end() || !items->is_array() || items->size() != count) {
      verdict.reason = "the server's answer has not an item for each entry";
      return;
    }
    for (const auto& item : *items) {
      const auto created = item.is_object() ? item.find("create") : item.end();
      int status = 0;
      if (item.is_object() && created != item.end() && created->is_object()) status = created->value("status", 0);
      verdict.each.push_back(fate_of(status));
      if (verdict.each.back() == Fate::taken || !verdict.reason.empty()) continue;
      verdict.reason = "the server answers " + std::to_string(status);
      if (status != 0 && created->contains("error")) {
        verdict.reason += ": " + created->at("error").dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      }
      verdict.reason.resize(std::min(verdict.reason.size(), kWebReasonBytes));
    }
  }

  EntryTemplate index_;
  std::map<std::string, std::string> headers_;
};

Settings read(YamlMap& map) {
  ElasticsearchConfig config;
  config.web.token_scheme = "ApiKey";
  read_web(map, "{ type: elasticsearch, url: https://search.example.org:9200 }", config.web);
  map.text("index", config.index);
  if (const auto good = EntryTemplate::parse(config.index); !good) map.complain("index", good.error().message);
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  const auto& config = settings.as<ElasticsearchConfig>();
  return start_web_output(config.web, std::make_unique<BulkProtocol>(config), std::move(context));
}

}  // namespace

extern const OutputType kElasticsearchOutput = {.name = "elasticsearch", .read = read, .start = start};

}  // namespace towld
