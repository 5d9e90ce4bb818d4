#include "http_api/query.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "http_api/file_list.hpp"
#include "http_api/parameters.hpp"
#include "http_api/query_parameters.hpp"
#include "limits/limits.hpp"
#include "queries/query_files.hpp"
#include "queries/query_table.hpp"
#include "towl/file_reader.hpp"
#include "towl/quantity.hpp"
#include "towl/query/address.hpp"
#include "towl/query/entry_test.hpp"
#include "towl/query/search.hpp"
#include "towl/query/table_json.hpp"
#include "towl/record/json_text.hpp"
#include "towl/record/level.hpp"
#include "towl/record/record_view.hpp"

namespace towld {
namespace {

/// The pattern of a parameter, as a part of the expression.
void read_pattern(Parameters& parameters, const char* name, std::size_t max_bytes, bool is_expression,
                  std::vector<towl::Expression>& parts) {
  const std::string* pattern = parameters.text(name);
  if (pattern == nullptr) return;
  if (pattern->size() > max_bytes) return parameters.complain(std::string(name) + " is too long");
  towl::Test test = towl::SubstringTest{*pattern};
  if (is_expression) test = towl::PatternTest{{*pattern}, {}};
  parts.push_back(towl::test_of({}, std::move(test)));
  // Told now, with the parameter's name.
  if (const auto made = towl::EntryTest::create(parts.back()); !made) {
    parameters.complain(std::string(name) + ": " + made.error().message);
  }
}

}  // namespace

void read_filters(Parameters& parameters, const QueryLimits& limits, towl::Query& query) {
  std::vector<towl::Expression> parts;
  std::optional<towl::LevelRange> levels;
  parameters.levels("level", levels);
  if (levels) {
    parts.push_back(
        towl::test_of({.kind = towl::FieldKind::level}, towl::LevelTest{levels->most_severe, levels->least_severe}));
  }
  if (const auto* sender = parameters.text("sender")) {
    parts.push_back(towl::test_of({.kind = towl::FieldKind::sender}, towl::ExactTest{{*sender}}));
  }
  read_pattern(parameters, "q", limits.pattern_bytes, false, parts);
  read_pattern(parameters, "regex", limits.pattern_bytes, true, parts);
  if (const auto* text = parameters.text("query")) {
    auto parsed = text->size() > limits.expression_bytes
                      ? towl::fail(towl::ErrorCode::invalid_argument, "it is longer than query.max_expression allows")
                      : towl::parse_query(*text, towl::now());
    if (!parsed) {
      parameters.complain("query: " + parsed.error().message);
    } else {
      parts.push_back(std::move(parsed->expression));
      query.pipes = std::move(parsed->pipes);
    }
  }
  query.expression = towl::all_of(std::move(parts));
}

void read_range(Parameters& parameters, towl::Query& query) {
  towl::TimeTest range;
  std::optional<towl::Timestamp> start;
  std::optional<towl::Timestamp> end;
  parameters.time("start", start);
  parameters.time("end", end);
  if (start) range.since = *start;
  if (end) range.until = *end;
  if (start || end)
    query.expression = towl::all_of({towl::between(range.since, range.until), std::move(query.expression)});
}

void append_found(const towl::FoundEntry& entry, std::string& to) {
  const std::size_t begin = to.size();
  towl::append_json_entry(entry.file_id(), entry.ordinal, entry.entry, to);
  if (entry.header->uuid == towl::Uuid{}) return;
  to.insert(begin + 1, R"("file_uuid":")" + towl::uuid_text(entry.header->uuid) + "\",");
}

namespace {

using Clock = std::chrono::steady_clock;

enum class Format { json, ndjson, text };

/// What is asked for.
struct Question {
  towl::Query query;
  std::uint64_t limit = 0;
  bool has_limit = false;
  towl::Order order = towl::Order::forwards;
  QueryCursor cursor;
  Format format = Format::json;
};

towl::Result<Question> read_question(Parameters& parameters, const QueryLimits& limits) {
  Question question;
  question.limit = limits.default_entries;
  read_filters(parameters, limits, question.query);
  read_range(parameters, question.query);
  question.has_limit = parameters.text("limit") != nullptr;
  parameters.number("limit", question.limit, 1, limits.entries);
  if (const auto* text = parameters.text("cursor")) {
    const auto cursor = read_query_cursor(*text);
    if (!cursor) parameters.complain("cursor must be what an answer before gave");
    question.cursor = cursor.value_or(QueryCursor{});
  }
  if (const auto* order = parameters.text("order")) {
    if (*order == "backwards") {
      question.order = towl::Order::backwards;
    } else if (*order != "forwards") {
      parameters.complain("order must be forwards or backwards");
    }
  }
  if (const auto* format = parameters.text("format")) {
    if (*format == "ndjson") {
      question.format = Format::ndjson;
    } else if (*format == "text") {
      question.format = Format::text;
    } else if (*format != "json") {
      parameters.complain("format must be json, ndjson or text");
    }
  }
  if (auto wrong = parameters.finish()) return towl::fail(towl::ErrorCode::invalid_argument, std::move(*wrong));
  return question;
}

/// Searches the files and gathers the answer.
class Answering {
 public:
  Answering(const Question& question, const QueryLimits& limits, QueryFiles files, const std::stop_token& gone)
      : question_(question), limits_(limits), files_(std::move(files)) {
    options_.deadline = Clock::now() + limits.time;
    options_.stop = gone;
    options_.order = question.order;
  }

  HttpResponse entries() {
    options_.limit = question_.limit;
    auto search = towl::Search::create(files_.files, question_.query.expression, options_);
    if (!search) return to_response(search.error());
    for (;;) {
      const towl::Outcome outcome = search->next();
      if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
        add(*found);
        last_ = {found->file_id(), found->ordinal};
        if (found_.size() < limits_.bytes) continue;
        cursor_ = behind_last();
        return answer();
      }
      if (const auto* unread = std::get_if<towl::Unread>(&outcome)) {
        note(*unread);
        continue;
      }
      const auto& end = std::get<towl::SearchEnd>(outcome);
      if (end.reason == towl::SearchEnd::Reason::stopped) return nobody_waits();
      if (end.reason == towl::SearchEnd::Reason::done || files_.ids.empty()) return answer();
      if (question_.order == towl::Order::forwards) {
        cursor_ = files_.cursor_at(end.next);
      } else if (last_) {
        cursor_ = behind_last();
      } else {
        return too_long();
      }
      return answer();
    }
  }

  HttpResponse table() {
    const std::uint64_t most = question_.has_limit ? question_.limit : limits_.entries;
    const auto made = table_of(files_, question_.query, most, limits_, options_,
                               [this](const towl::Unread& unread) { note(unread); });
    if (!made && made.error().code == towl::ErrorCode::no_space) return http_error(413, made.error().message);
    if (!made) return to_response(made.error());
    if (made->answer.end == towl::SearchEnd::Reason::stopped) return nobody_waits();
    if (made->answer.end != towl::SearchEnd::Reason::done) return too_long();
    for (const towl::TableRow& row : made->answer.table.rows) add_row(row);
    if (!made->is_all) errors_.push_back("there are more than " + std::to_string(most) + " rows: limit reached");
    return answer("rows");
  }

 private:
  static HttpResponse nobody_waits() { return http_busy("the connection was closed while the query ran"); }

  HttpResponse too_long() const {
    return http_error(413, "resource_exhausted: the query takes longer than " +
                               towl::format_duration(limits_.time.count()) +
                               ": ask for a shorter time range, or raise query.max_time of the collector");
  }

  QueryCursor behind_last() const {
    return {last_->file, question_.order == towl::Order::forwards ? last_->ordinal + 1 : last_->ordinal};
  }

  HttpResponse answer(const char* name = "entries") {
    HttpResponse response;
    if (question_.format == Format::json) {
      response.body = "{\"" + std::string(name) + "\":[" + std::move(found_) + "]";
      if (cursor_) response.body += R"(,"cursor":")" + cursor_->text() + '"';
      if (!errors_.empty()) add_errors(response.body);
      response.body += '}';
    } else {
      response.body = std::move(found_);
      response.content_type = question_.format == Format::ndjson ? "application/x-ndjson" : "text/plain; charset=utf-8";
    }
    if (cursor_) response.headers.emplace_back("Towl-Cursor", cursor_->text());
    if (!errors_.empty()) response.headers.emplace_back("Towl-Errors", std::to_string(errors_.size()));
    return response;
  }

  void note(const towl::Unread& unread) {
    // Retention may have removed the file in the meantime.
    if (unread.error.code == towl::ErrorCode::not_found || errors_.size() >= kMaxQueryErrors) return;
    errors_.push_back("file " + std::to_string(files_.ids[unread.file]) + ": " + unread.error.message);
  }

  void add(const towl::FoundEntry& entry) {
    if (question_.format == Format::text) {
      add_text(entry.entry);
    } else {
      begin_object();
      append_found(entry, found_);
      if (question_.format == Format::ndjson) found_ += '\n';
    }
    ++count_;
  }

  void add_row(const towl::TableRow& row) {
    if (question_.format == Format::text) {
      bool is_first = true;
      for (const towl::Cell& cell : row) {
        if (!std::exchange(is_first, false)) found_ += '\t';
        add_line(cell.value);
      }
    } else {
      begin_object();
      found_ += towl::to_json(row);
    }
    if (question_.format != Format::json) found_ += '\n';
    ++count_;
  }

  void begin_object() {
    if (question_.format == Format::json && count_ > 0) found_ += ',';
  }

  void add_text(const towl::EntryView& entry) {
    found_ += towl::format_rfc3339(entry.time()).view();
    found_ += ' ';
    add_line(entry.sender);
    found_ += ' ';
    record_.set(entry);
    add_line(record_.message());
    found_ += '\n';
  }

  /// One entry, one line: control characters become spaces.
  void add_line(std::string_view text) {
    const std::size_t begin = found_.size();
    found_ += text;
    std::replace_if(
        found_.begin() + static_cast<std::ptrdiff_t>(begin), found_.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  }

  void add_errors(std::string& to) const {
    to += R"(,"errors":[)";
    for (std::size_t i = 0; i < errors_.size(); ++i) {
      if (i > 0) to += ',';
      towl::append_json_text(errors_[i], to);
    }
    to += ']';
  }

  const Question& question_;
  const QueryLimits& limits_;
  towl::SearchOptions options_;
  const QueryFiles files_;
  towl::RecordView record_;
  std::string found_;
  std::uint64_t count_ = 0;
  std::optional<QueryCursor> last_;  // The last entry that was found.
  std::optional<QueryCursor> cursor_;
  std::vector<std::string> errors_;
};

HttpResponse answer(const towl::Catalog& catalog, const Question& question, const HttpRequest& request,
                    const QueryLimits& limits) {
  auto files = files_of(catalog, {.order = question.order, .cursor = question.cursor});
  if (!files) return to_response(files.error());
  Answering answering(question, limits, std::move(*files), request.gone);
  return question.query.pipes.empty() ? answering.entries() : answering.table();
}

}  // namespace

HttpResponse query_entries(const towl::Catalog& catalog, const HttpRequest& request, const QueryLimits& limits) {
  Parameters parameters(request.query);
  const auto question = read_question(parameters, limits);
  if (!question) return to_response(question.error());
  return answer(catalog, *question, request, limits);
}

HttpResponse query_histogram(const towl::Catalog& catalog, const HttpRequest& request, const QueryLimits& limits) {
  Parameters parameters(request.query);
  std::int64_t step_ns = 60 * towl::kNanosecondsPerSecond;
  if (const auto* text = parameters.text("step")) {
    const auto step = towl::parse_duration(*text);
    if (!step || *step <= 0) parameters.complain("step is a duration: 10s, 5m, 1h");
    step_ns = step.value_or(step_ns);
  }
  auto question = read_question(parameters, limits);
  if (!question) return to_response(question.error());
  if (!question->query.pipes.empty()) return http_error(400, "query: a histogram has no pipes (|)");
  towl::StatsPipe stats;
  stats.by.push_back({.name = "_time", .step_ns = step_ns});
  stats.functions.push_back({.as = "hits"});
  question->query.pipes.emplace_back(std::move(stats));
  return answer(catalog, *question, request, limits);
}

HttpResponse describe_entry(const towl::Catalog& catalog, const HttpRequest& request) {
  constexpr std::string_view kFolder = "/entry/";
  const auto address =
      towl::read_address(std::string_view(request.path).substr(std::min(kFolder.size(), request.path.size())));
  if (!address) return http_error(400, "an entry's address is UUID/ORDINAL, or FILE:ORDINAL");
  const auto files = catalog.files();
  if (!files) return to_response(files.error());
  HttpResponse response = http_error(404, "there is no such entry");
  files->each_after(0, [&](const towl::ServedFile& file) {
    const bool is_meant = address->uuid ? file.header.uuid == *address->uuid : file.file_id() == address->file_id;
    if (!is_meant) return true;
    if (address->ordinal >= file.index.count) return false;
    auto reader = towl::FileReader::open(catalog.path_of(file.file_id()));
    if (!reader) {
      response = to_response(reader.error());
      return false;
    }
    auto entry =
        reader->seek(address->ordinal) ? reader->next() : towl::fail(towl::ErrorCode::corrupt, "it cannot be read");
    if (entry && *entry && reader->ordinal() == address->ordinal) {
      response = {};
      append_found({0, &reader->header(), address->ordinal, **entry}, response.body);
    } else if (!entry) {
      response = http_error(500, "the entry cannot be read: " + entry.error().message);
    }
    return false;
  });
  return response;
}

}  // namespace towld
