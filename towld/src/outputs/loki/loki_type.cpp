// The row of outputs of type `loki`: Loki's push API in JSON
// (https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs).
//
//     {"streams":[{"stream":{"host":"web-1"},"values":[["1768660200000000000","the text"]]}]}
//
// Loki drops a line that it has already, of the same labels, time and text: so entries that are sent again after a
// crash are there once, and so are two entries that differ in nothing.
#include <algorithm>
#include <utility>

#include "outputs/entry_format.hpp"
#include "outputs/entry_template.hpp"
#include "outputs/output_type.hpp"
#include "outputs/web/web_config.hpp"
#include "outputs/web/web_sink.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

constexpr Names<OutputFormat, 2> kFormats = {{{"text", OutputFormat::text}, {"json", OutputFormat::json}}};

struct LokiConfig {
  WebConfig web = {};
  std::string tenant = {};
  std::map<std::string, std::string> labels = {};
  OutputFormat format = OutputFormat::text;

  friend bool operator==(const LokiConfig&, const LokiConfig&) = default;
};

/// Prometheus' rule for labels' names.
bool is_label(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

class LokiProtocol final : public WebProtocol {
 public:
  explicit LokiProtocol(const LokiConfig& config)
      : formatter_(config.format), tenant_(config.tenant), headers_(config.web.headers) {
    for (const auto& [name, text] : config.labels) {
      labels_.emplace_back(name, EntryTemplate::parse(text).value_or(EntryTemplate()));
    }
  }

  /// The group is the stream, as JSON.
  void encode(const FollowedEntry& followed, const towl::RecordView& record, WebEntry& entry) override {
    std::string value;
    entry.group = '{';
    for (const auto& [name, text] : labels_) {
      value.clear();
      text.append(followed, record, value);
      if (value.empty()) continue;  // To Loki no label and an empty one are the same.
      if (entry.group.size() > 1) entry.group += ',';
      towl::append_json_name(name, entry.group);
      entry.group += ':';
      towl::append_json_name(value, entry.group);
    }
    entry.group += '}';
    line_.clear();
    formatter_.append(followed, line_);
    line_.pop_back();
    entry.text = "[\"" + std::to_string(followed.entry.time()) + "\",";
    towl::append_json_name(line_, entry.text);
    entry.text += ']';
  }

  towl::web::Request request(std::span<const WebEntry> entries) override {
    std::map<std::string_view, std::vector<std::string_view>> streams;
    for (const WebEntry& entry : entries) streams[entry.group].push_back(entry.text);
    towl::web::Request request{.method = "POST", .url = "/loki/api/v1/push"};
    request.headers.emplace_back("Content-Type", "application/json");
    if (!tenant_.empty()) request.headers.emplace_back("X-Scope-OrgID", tenant_);
    for (const auto& header : headers_) request.headers.push_back(header);
    std::string& body = request.body;
    body = R"({"streams":[)";
    for (const auto& [labels, values] : streams) {
      if (body.back() == '}') body += ',';
      body.append(R"({"stream":)").append(labels).append(R"(,"values":[)");
      for (const std::string_view value : values) {
        if (body.back() == ']') body += ',';
        body += value;
      }
      body += "]}";
    }
    body += "]}";
    return request;
  }

  WebVerdict judge(const towl::web::Response& response, std::span<const WebEntry>) override {
    return judge_status(response);
  }

 private:
  EntryFormatter formatter_;
  std::string tenant_;
  std::map<std::string, std::string> headers_;
  std::vector<std::pair<std::string, EntryTemplate>> labels_;
  std::string line_;
};

Settings read(YamlMap& map) {
  LokiConfig config;
  read_web(map, "{ type: loki, url: https://loki.example.org:3100 }", config.web);
  map.text("tenant", config.tenant);
  map.text_map("labels", config.labels);
  // Loki takes no line without a label.
  if (config.labels.empty()) config.labels = {{"host", "{sender}"}, {"job", "towl"}};
  map.choice("format", kFormats, config.format);
  for (const auto& [name, text] : config.labels) {
    const auto good = EntryTemplate::parse(text);
    if (!is_label(name)) map.complain("labels", "\"" + name + "\" is no label: letters, digits and _");
    if (!good) map.complain("labels", name + ": " + good.error().message);
  }
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  const auto& config = settings.as<LokiConfig>();
  return start_web_output(config.web, std::make_unique<LokiProtocol>(config), std::move(context));
}

}  // namespace

extern const OutputType kLokiOutput = {.name = "loki", .read = read, .start = start};

}  // namespace towld
