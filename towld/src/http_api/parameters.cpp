#include "http_api/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http/url.hpp"
#include "parse/source_time.hpp"
#include "towl/quantity.hpp"

namespace towld {

Parameters::Parameters(std::string_view query) {
  auto values = parse_query(query);
  if (values) {
    values_ = std::move(*values);
  } else {
    complain("the query has a broken %-escape");
  }
}

const std::string* Parameters::text(const std::string& name) {
  known_.push_back(name);
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? nullptr : &found->second;
}

void Parameters::number(const std::string& name, std::uint64_t& target, std::uint64_t least, std::uint64_t most) {
  const std::string* value = text(name);
  if (value == nullptr) return;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(value->data(), value->data() + value->size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != value->data() + value->size() || number < least || number > most) {
    const bool bounded = most != std::numeric_limits<std::uint64_t>::max();
    return complain(name + " must be a whole number" +
                    (bounded ? " from " + std::to_string(least) + " to " + std::to_string(most) : ""));
  }
  target = number;
}

void Parameters::time(const std::string& name, std::optional<towl::Timestamp>& target) {
  const std::string* value = text(name);
  if (value == nullptr) return;
  std::optional<towl::Timestamp> time = parse_source_time(*value);
  if (*value == "now") time = towl::now();
  if (value->starts_with('-')) {
    if (const auto before = towl::parse_duration(value->substr(1))) time = towl::now() - *before;
  }
  if (!time) {
    return complain(name + " must be a time as 2026-01-17T14:30:00Z, seconds since the epoch, now, or -15m");
  }
  target = time;
}

void Parameters::complain(std::string what) {
  if (!error_) error_ = std::move(what);
}

std::optional<std::string> Parameters::finish() {
  for (const auto& [name, value] : values_) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string names;
    for (const std::string& known : known_) names += (names.empty() ? "" : ", ") + known;
    complain("\"" + name + "\" is not one of " + names);
  }
  return error_;
}

}  // namespace towld
