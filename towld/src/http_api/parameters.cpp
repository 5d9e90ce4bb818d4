#include "http_api/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http/url.hpp"
#include "towl/record/time_expression.hpp"

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
  known_.push_back(name);
  const auto value = values_.find(name);
  if (value == values_.end()) return;
  const auto time = towl::parse_time_expression(value->second, towl::now());
  if (!time) return complain(name + ": " + time.error().message);
  target = *time;
}

void Parameters::levels(const std::string& name, std::optional<towl::LevelRange>& target) {
  known_.push_back(name);
  const auto value = values_.find(name);
  if (value == values_.end()) return;
  const auto range = towl::parse_level_range(value->second);
  if (!range) return complain(name + ": " + range.error().message);
  target = *range;
}

void Parameters::complain(std::string what) {
  if (!error_) error_ = std::move(what);
}

std::optional<std::string> Parameters::finish() {
  for (const auto& [name, value] : values_) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string names;
    for (const std::string& known : known_) names.append(names.empty() ? "" : ", ").append(known);
    complain("\"" + name + "\" is not one of " + names);
  }
  return error_;
}

}  // namespace towld
