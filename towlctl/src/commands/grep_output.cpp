#include "commands/grep_output.hpp"

#include "files/local_files.hpp"
#include "output/text.hpp"
#include "towl/query/address.hpp"
#include "towl/record/json_text.hpp"

namespace towlctl {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kMatchColor = "\x1b[1;31m";  // grep's ms=01;31
constexpr std::string_view kReset = "\x1b[0m";

/// RFC 4648, 4.
std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

/// ripgrep's "arbitrary data": text if it is UTF-8, else base64.
OrderedJson data_of(std::string_view bytes) {
  return towl::is_utf8(bytes) ? OrderedJson{{"text", bytes}} : OrderedJson{{"bytes", base64(bytes)}};
}

/// Calls `take` with each match that is not empty.
template <class Take>
void each_match(const towl::Matcher& matcher, std::string_view text, Take take) {
  std::size_t from = 0;
  while (const auto span = matcher.find(text, from)) {
    if (span->end > span->begin) take(*span);
    from = span->end > span->begin ? span->end : span->end + 1;
  }
}

std::string highlight(const towl::Matcher& matcher, std::string_view text) {
  std::string out;
  std::size_t at = 0;
  each_match(matcher, text, [&](const towl::MatchSpan& span) {
    out += text.substr(at, span.begin - at);
    out += kMatchColor;
    out += text.substr(span.begin, span.end - span.begin);
    out += kReset;
    at = span.end;
  });
  out += text.substr(at);
  return out;
}

}  // namespace

std::string GrepOutput::path_of(const towl::FoundEntry& entry) const {
  // A file that appeared while following has no place in the list; its ID names it.
  if (const auto name = names_.find(entry.file); name != names_.end()) return name->second;
  return std::to_string(entry.file_id()) + ".towl";
}

std::string GrepOutput::prefix_of(const towl::FoundEntry& entry, char mark) const {
  std::string prefix;
  if (style_.paths) prefix = path_of(entry) + mark;
  if (!style_.ordinals) return prefix;
  return prefix + std::to_string(entry.file_id()) + mark + std::to_string(entry.ordinal) + mark;
}

void GrepOutput::begin_file(const towl::FoundEntry& entry) {
  if (file_ && file_->first == entry.file) return;
  end_file();
  file_ = {entry.file, path_of(entry)};
  file_entries_ = 0;
  ++files_;
  if (style_.list_without) with_matches_.insert(entry.file);
  if (style_.list && !style_.count && !style_.list_without) out_.write(file_->second + "\n");
  if (style_.json)
    out_.write(OrderedJson{{"type", "begin"}, {"data", {{"path", data_of(file_->second)}}}}.dump() + "\n");
}

void GrepOutput::end_file() {
  if (!file_ || !style_.json) return;
  out_.write(OrderedJson{{"type", "end"},
                         {"data", {{"path", data_of(file_->second)}, {"stats", {{"matched_lines", file_entries_}}}}}}
                 .dump() +
             "\n");
}

void GrepOutput::match(const towl::FoundEntry& entry) {
  begin_file(entry);
  ++entries_;
  ++file_entries_;
  if (style_.json) return print_event("match", entry);
  if (style_.count || style_.list || style_.list_without) return;
  if (style_.only_matching) return print_parts(entry);
  print_entry(entry, true);
}

void GrepOutput::context(const towl::FoundEntry& entry) {
  if (style_.json) return print_event("context", entry);
  if (style_.count || style_.list || style_.list_without || style_.only_matching) return;
  print_entry(entry, false);
}

std::string_view GrepOutput::text_of(const towl::FoundEntry& entry) {
  if (style_.raw) return entry.entry.log_entry;
  const towl::RecordView* journal = as_journal(entry.entry, record_);
  return journal != nullptr ? journal->message() : entry.entry.log_entry;
}

void GrepOutput::print_parts(const towl::FoundEntry& entry) {
  const std::string_view text = text_of(entry);
  each_match(matcher_, text, [&](const towl::MatchSpan& span) {
    const std::string_view part = text.substr(span.begin, span.end - span.begin);
    const std::string shown = terminal_ ? escape_control(part) : std::string(part);
    out_.write(prefix_of(entry, ':') + (style_.color ? std::string(kMatchColor) + shown + std::string(kReset) : shown) +
               "\n");
  });
}

void GrepOutput::print_entry(const towl::FoundEntry& entry, bool is_match) {
  const bool follows = printed_ && printed_->first == entry.file && printed_->second + 1 == entry.ordinal;
  if (style_.has_context && printed_ && !follows) out_.write("--\n");
  printed_ = {entry.file, entry.ordinal};
  std::string text;
  printer_.print(entry, text);
  out_.write(prefix_of(entry, is_match ? ':' : '-'));
  out_.write(style_.color && is_match ? highlight(matcher_, text) : text);
}

void GrepOutput::print_event(const char* type, const towl::FoundEntry& entry) {
  const std::string_view text = text_of(entry);
  OrderedJson submatches = OrderedJson::array();
  each_match(matcher_, text, [&](const towl::MatchSpan& span) {
    submatches.push_back(
        {{"match", data_of(text.substr(span.begin, span.end - span.begin))}, {"start", span.begin}, {"end", span.end}});
  });
  const OrderedJson data = {{"path", data_of(path_of(entry))},
                            {"lines", data_of(std::string(text) + "\n")},
                            {"line_number", entry.ordinal + 1},
                            {"submatches", std::move(submatches)},
                            {"file_id", entry.file_id()},
                            {"address", towl::address_text(*entry.header, entry.ordinal)},
                            {"ordinal", entry.ordinal},
                            {"sender", data_of(entry.entry.sender)},
                            {"time", towl::format_rfc3339(entry.entry.time()).view()},
                            {"received", towl::format_rfc3339(entry.entry.received).view()}};
  out_.write(OrderedJson{{"type", type}, {"data", data}}.dump() + "\n");
}

void GrepOutput::finish() {
  end_file();
  if (style_.json) {
    const auto elapsed = std::chrono::steady_clock::now() - begun_;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed - seconds);
    const OrderedJson data = {{"elapsed_total", {{"secs", seconds.count()}, {"nanos", rest.count()}}},
                              {"stats", {{"searches_with_match", files_}, {"matched_lines", entries_}}}};
    out_.write(OrderedJson{{"type", "summary"}, {"data", data}}.dump() + "\n");
  } else if (style_.list_without) {
    for (const auto& [file, name] : names_) {
      if (!with_matches_.contains(file)) out_.write(name + "\n");
    }
  } else if (style_.count) {
    out_.write(std::to_string(entries_) + "\n");
  }
}

}  // namespace towlctl
