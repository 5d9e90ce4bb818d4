#include "http_api/patterns.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "http_api/file_list.hpp"
#include "http_api/parameters.hpp"
#include "http_api/query_parameters.hpp"
#include "limits/limits.hpp"
#include "queries/query_files.hpp"
#include "towl/quantity.hpp"
#include "towl/query/patterns.hpp"
#include "towl/query/table_json.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

/// Of query.max_memory, what patterns may take: as much again is used to put them in order and to write them.
constexpr std::size_t kShareOfMemory = 2;

towl::Result<towl::PatternOptions> read_options(const HttpRequest& request, const QueryLimits& limits) {
  Parameters parameters(request.query);
  towl::Query query;
  read_filters(parameters, limits, query);
  if (!query.pipes.empty()) parameters.complain("query: patterns have no pipes (|)");
  std::optional<towl::Timestamp> start;
  std::optional<towl::Timestamp> end;
  towl::PatternOptions options{.expression = std::move(query.expression),
                               .max_bytes = limits.memory / kShareOfMemory,
                               .deadline = std::chrono::steady_clock::now() + limits.time,
                               .stop = request.gone};
  parameters.time("start", start);
  parameters.time("end", end);
  parameters.time("new-since", options.new_since);
  options.since = start.value_or(options.since);
  options.until = end.value_or(options.until);
  std::uint64_t limit = limits.default_entries;
  parameters.number("limit", limit, 1, limits.entries);
  options.limit = static_cast<std::size_t>(limit);
  if (auto wrong = parameters.finish()) return towl::fail(towl::ErrorCode::invalid_argument, std::move(*wrong));
  return options;
}

std::string errors_of(const towl::Patterns& found, const QueryFiles& files) {
  std::string text;
  std::size_t count = 0;
  for (const towl::Unread& unread : found.unread) {
    // Retention may have removed the file in the meantime.
    if (unread.error.code == towl::ErrorCode::not_found || count == kMaxQueryErrors) continue;
    text += count++ == 0 ? R"(,"errors":[)" : ",";
    towl::append_json_text("file " + std::to_string(files.ids[unread.file]) + ": " + unread.error.message, text);
  }
  return count == 0 ? text : text + "]";
}

void add_number(const char* name, std::uint64_t number, std::string& to) {
  if (number > 0) to += ",\"" + std::string(name) + "\":" + std::to_string(number);
}

}  // namespace

HttpResponse query_patterns(const towl::Catalog& catalog, const HttpRequest& request, const QueryLimits& limits) {
  const auto options = read_options(request, limits);
  if (!options) return to_response(options.error());
  const auto files = files_of(catalog, {});
  if (!files) return to_response(files.error());
  const auto found = towl::find_patterns(files->files, *options);
  if (!found) return to_response(found.error());
  if (found->end == towl::SearchEnd::Reason::stopped) return http_busy("the connection was closed while the query ran");
  if (found->end != towl::SearchEnd::Reason::done && options->new_since) {
    return http_error(413, "resource_exhausted: what is new cannot be told within " +
                               towl::format_duration(limits.time.count()) + ": " +
                               std::to_string(found->not_looked_at) +
                               " entries were not looked at; ask for a later start, or raise query.max_time of the "
                               "collector");
  }
  HttpResponse response;
  response.body = R"({"rows":[)";
  std::uint64_t more = found->more;
  bool is_first = true;
  for (const towl::EntryPattern& pattern : found->patterns) {
    if (response.body.size() >= limits.bytes) {
      ++more;
      continue;
    }
    if (!std::exchange(is_first, false)) response.body += ',';
    response.body += towl::to_json(
        {{"count", std::to_string(pattern.count), true}, {"example", pattern.address}, {"pattern", pattern.text}});
  }
  response.body += ']';
  add_number("more", more, response.body);
  add_number("others", found->others, response.body);
  add_number("not_looked_at", found->not_looked_at, response.body);
  response.body += errors_of(*found, *files) + "}";
  return response;
}

}  // namespace towld
