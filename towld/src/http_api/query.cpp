#include "http_api/query.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http_api/file_list.hpp"
#include "http_api/parameters.hpp"
#include "limits/limits.hpp"
#include "towl/matcher.hpp"
#include "towl/record/json_text.hpp"
#include "towl/record/level.hpp"
#include "towl/record/record_view.hpp"
#include "towl/required_words.hpp"
#include "towl/scan.hpp"

namespace towld {
namespace {

using Clock = std::chrono::steady_clock;

enum class Format { json, ndjson, text };

/// FILE:ORDINAL, the first entry to look at.
struct Cursor {
  towl::FileId file = 0;
  towl::Ordinal ordinal = 0;

  std::string text() const { return std::to_string(file) + ":" + std::to_string(ordinal); }
};

std::optional<Cursor> parse_cursor(std::string_view text) {
  Cursor cursor;
  const char* end = text.data() + text.size();
  const auto file = std::from_chars(text.data(), end, cursor.file);
  if (file.ec != std::errc() || file.ptr == end || *file.ptr != ':') return std::nullopt;
  const auto ordinal = std::from_chars(file.ptr + 1, end, cursor.ordinal);
  if (ordinal.ec != std::errc() || ordinal.ptr != end || cursor.file == 0) return std::nullopt;
  return cursor;
}

struct Query {
  std::optional<towl::LevelRange> level;
  std::optional<std::string> sender;
  std::optional<towl::Matcher> text;
  std::optional<towl::Matcher> regex;
  std::vector<std::vector<std::string>> words;
  std::optional<towl::Timestamp> start;
  std::optional<towl::Timestamp> end;
  std::uint64_t limit = 0;
  Cursor cursor;
  Format format = Format::json;
};

void read_pattern(Parameters& parameters, const char* name, bool fixed, std::size_t max_bytes,
                  std::optional<towl::Matcher>& matcher, Query& query) {
  const std::string* pattern = parameters.text(name);
  if (pattern == nullptr) return;
  if (pattern->size() > max_bytes) return parameters.complain(std::string(name) + " is too long");
  const std::vector<std::string> patterns = {*pattern};
  const towl::MatchOptions options{.fixed = fixed};
  auto made = towl::Matcher::create(patterns, options);
  if (!made) return parameters.complain(std::string(name) + ": " + made.error().message);
  matcher = std::move(*made);
  // A hint: the words of one of the patterns are enough.
  if (query.words.empty()) query.words = towl::required_words(patterns, options);
}

towl::Result<Query> read_query(const HttpRequest& request, const QueryLimits& limits) {
  Query query;
  query.limit = limits.default_entries;
  Parameters parameters(request.query);
  parameters.levels("level", query.level);
  if (const auto* sender = parameters.text("sender")) query.sender = *sender;
  read_pattern(parameters, "q", true, limits.pattern_bytes, query.text, query);
  read_pattern(parameters, "regex", false, limits.pattern_bytes, query.regex, query);
  parameters.time("start", query.start);
  parameters.time("end", query.end);
  parameters.number("limit", query.limit, 1, limits.entries);
  if (const auto* text = parameters.text("cursor")) {
    const auto cursor = parse_cursor(*text);
    if (!cursor) parameters.complain("cursor must be what an answer before gave");
    query.cursor = cursor.value_or(Cursor{});
  }
  if (const auto* format = parameters.text("format")) {
    if (*format == "ndjson") {
      query.format = Format::ndjson;
    } else if (*format == "text") {
      query.format = Format::text;
    } else if (*format != "json") {
      parameters.complain("format must be json, ndjson or text");
    }
  }
  if (auto wrong = parameters.finish()) return towl::fail(towl::ErrorCode::invalid_argument, std::move(*wrong));
  return query;
}

/// Walks the files and gathers the answer.
class Search {
 public:
  Search(const Query& query, const QueryLimits& limits)
      : query_(query), limits_(limits), until_(Clock::now() + limits.time) {}

  void run(const towl::Catalog& catalog, const towl::ServedFiles& files) {
    files.each_after(query_.cursor.file == 0 ? 0 : query_.cursor.file - 1, [&](const towl::ServedFile& file) {
      const towl::Ordinal from = file.file_id() == query_.cursor.file ? query_.cursor.ordinal : 0;
      if (!may_have(file) || from >= file.index.count) return true;
      walk(catalog, file, from);
      return !cursor_;
    });
  }

  HttpResponse answer() {
    HttpResponse response;
    if (query_.format == Format::json) {
      response.body = R"({"entries":[)" + std::move(found_) + "]";
      if (cursor_) response.body += R"(,"cursor":")" + cursor_->text() + '"';
      if (!errors_.empty()) add_errors(response.body);
      response.body += '}';
    } else {
      response.body = std::move(found_);
      response.content_type = query_.format == Format::ndjson ? "application/x-ndjson" : "text/plain; charset=utf-8";
    }
    if (cursor_) response.headers.emplace_back("Towl-Cursor", cursor_->text());
    if (!errors_.empty()) response.headers.emplace_back("Towl-Errors", std::to_string(errors_.size()));
    return response;
  }

 private:
  /// Not where its index, complete for a file that takes no more entries, says that it has none of the time.
  bool may_have(const towl::ServedFile& file) const {
    if (file.open || !file.index.event_min || !file.index.event_max) return true;
    return (!query_.start || *file.index.event_max >= *query_.start) &&
           (!query_.end || *file.index.event_min < *query_.end);
  }

  void walk(const towl::Catalog& catalog, const towl::ServedFile& file, towl::Ordinal from) {
    towl::Scan scan({catalog.path_of(file.file_id())},
                    {.since = query_.start, .until = query_.end, .words = query_.words, .from = from});
    for (;;) {
      const auto next = scan.next();
      if (!next) {
        // Retention may have removed the file meanwhile.
        if (next.error().code != towl::ErrorCode::not_found && errors_.size() < kMaxQueryErrors) {
          errors_.push_back("file " + std::to_string(file.file_id()) + ": " + next.error().message);
        }
        if (Clock::now() >= until_) return stop(file, from);
        continue;
      }
      // Behind that, entries are not durable yet.
      if (!*next || (*next)->ordinal >= file.index.count) return;
      const towl::ScanEntry& entry = **next;
      from = entry.ordinal + 1;
      if (matches(entry.entry)) add(entry);
      const bool late = ++looked_at_ % kLookAtClockEvery == 0 && Clock::now() >= until_;
      if (late || count_ == query_.limit || found_.size() >= limits_.bytes) return stop(file, from);
    }
  }

  void stop(const towl::ServedFile& file, towl::Ordinal next) { cursor_ = Cursor{file.file_id(), next}; }

  bool matches(const towl::EntryView& entry) {
    if (query_.sender && entry.sender != *query_.sender) return false;
    if (query_.text && !query_.text->matches(entry.log_entry)) return false;
    if (query_.regex && !query_.regex->matches(entry.log_entry)) return false;
    return !query_.level || has_level(entry);
  }

  bool has_level(const towl::EntryView& entry) {
    record_.set(entry);
    const auto level = record_.level();
    return level && query_.level->contains(*level);
  }

  void add(const towl::ScanEntry& entry) {
    if (query_.format == Format::text) {
      add_text(entry.entry);
    } else {
      if (query_.format == Format::json && count_ > 0) found_ += ',';
      towl::append_json_entry(entry.file_id, entry.ordinal, entry.entry, found_);
      if (query_.format == Format::ndjson) found_ += '\n';
    }
    ++count_;
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

  const Query& query_;
  const QueryLimits& limits_;
  const Clock::time_point until_;
  towl::RecordView record_;
  std::string found_;
  std::uint64_t count_ = 0;
  std::uint64_t looked_at_ = 0;
  std::optional<Cursor> cursor_;
  std::vector<std::string> errors_;
};

}  // namespace

HttpResponse query_entries(const towl::Catalog& catalog, const HttpRequest& request, const QueryLimits& limits) {
  const auto query = read_query(request, limits);
  if (!query) return to_response(query.error());
  const auto files = catalog.files();
  if (!files) return to_response(files.error());
  Search search(*query, limits);
  search.run(catalog, *files);
  return search.answer();
}

}  // namespace towld
