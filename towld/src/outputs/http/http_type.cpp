// The row of outputs of type `http`: lines by POST, a JSON object each.
//
//     POST URL                          Content-Type: application/x-ndjson
//     X-Towl-First: UUID/ORDINAL        of the first line; those that follow have the ordinals that follow
//
// An answer of 2xx means that all are there. A receiver that must not have an entry twice after a crash of the collector
// keeps the largest ordinal of each file UUID and passes over what is not beyond it.
#include <utility>

#include "outputs/entry_format.hpp"
#include "outputs/entry_template.hpp"
#include "outputs/output_type.hpp"
#include "outputs/web/web_config.hpp"
#include "outputs/web/web_sink.hpp"

namespace towld {
namespace {

constexpr Names<OutputFormat, 2> kFormats = {{{"json", OutputFormat::json}, {"text", OutputFormat::text}}};

/// Between the values of headers in a group: no header has it.
constexpr char kSeparator = '\0';

struct HttpOutputConfig {
  WebConfig web = {};
  OutputFormat format = OutputFormat::json;

  friend bool operator==(const HttpOutputConfig&, const HttpOutputConfig&) = default;
};

class LinesProtocol final : public WebProtocol {
 public:
  /// The templates must be valid.
  LinesProtocol(const HttpOutputConfig& config)
      : formatter_(config.format), is_json_(config.format == OutputFormat::json) {
    for (const auto& [name, text] : config.web.headers) {
      headers_.emplace_back(name, EntryTemplate::parse(text).value_or(EntryTemplate()));
    }
  }

  void encode(const FollowedEntry& followed, const towl::RecordView& record, WebEntry& entry) override {
    formatter_.append(followed, entry.text);
    for (const auto& [name, value] : headers_) {
      value.append(followed, record, entry.group);
      entry.group += kSeparator;
    }
  }

  bool goes_with(const WebEntry& before, const WebEntry& entry) const override {
    return before.group == entry.group && before.file_id == entry.file_id && before.ordinal + 1 == entry.ordinal;
  }

  towl::web::Request request(std::span<const WebEntry> entries) override {
    towl::web::Request request{.method = "POST"};
    request.headers.emplace_back("Content-Type", is_json_ ? "application/x-ndjson" : "text/plain; charset=utf-8");
    request.headers.emplace_back("X-Towl-First", entries.front().place);
    std::string_view values = entries.front().group;
    for (const auto& [name, value] : headers_) {
      const auto end = values.find(kSeparator);
      request.headers.emplace_back(name, std::string(values.substr(0, end)));
      values.remove_prefix(std::min(values.size(), end + 1));
    }
    for (const WebEntry& entry : entries) request.body += entry.text;
    return request;
  }

  WebVerdict judge(const towl::web::Response& response, std::span<const WebEntry>) override {
    return judge_status(response);
  }

 private:
  EntryFormatter formatter_;
  bool is_json_;
  std::vector<std::pair<std::string, EntryTemplate>> headers_;
};

Settings read(YamlMap& map) {
  HttpOutputConfig config;
  read_web(map, "{ type: http, url: https://logs.example.org/in }", config.web);
  map.choice("format", kFormats, config.format);
  for (const auto& [name, text] : config.web.headers) {
    const auto good = EntryTemplate::parse(text);
    if (!good) map.complain("headers", name + ": " + good.error().message);
  }
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  const auto& config = settings.as<HttpOutputConfig>();
  return start_web_output(config.web, std::make_unique<LinesProtocol>(config), std::move(context));
}

}  // namespace

extern const OutputType kHttpOutput = {.name = "http", .read = read, .start = start};

}  // namespace towld
