#include "output/entry_filter.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <optional>

namespace towlctl {
namespace {

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  const std::string value(text);
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return fnmatch(pattern.c_str(), value.c_str(), 0) == 0; });
}

bool has_any(const std::vector<std::string>& values, std::string_view text) {
  return std::find(values.begin(), values.end(), text) != values.end();
}

}  // namespace

towl::Result<EntryFilter> EntryFilter::create(const FilterOptions& options) {
  EntryFilter filter;
  filter.identifiers_ = options.identifiers;
  filter.senders_ = options.senders;
  for (const std::string& unit : options.units) {
    filter.units_.push_back(unit);
    // systemd's units have a suffix, those of others none.
    if (unit.find('.') == std::string::npos) filter.units_.push_back(unit + ".service");
  }
  for (const std::string& match : options.fields) {
    const auto equals = match.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return towl::fail(towl::ErrorCode::invalid_argument, "\"" + match + "\" is not FIELD=VALUE");
    }
    filter.fields_[match.substr(0, equals)].push_back(match.substr(equals + 1));
  }
  if (!options.priority) return filter;
  const auto levels = towl::parse_level_range(*options.priority);
  if (!levels) return tl::unexpected(levels.error());
  filter.levels_ = *levels;
  return filter;
}

bool EntryFilter::has_field(const std::string& name, const std::vector<std::string>& values) const {
  const auto& fields = record_.fields();
  const auto is_wanted = [&](const towl::RecordField& field) {
    return field.name == name && has_any(values, field.value);
  };
  if (std::any_of(fields.begin(), fields.end(), is_wanted)) return true;
  // What is printed can be asked for.
  const auto implied = record_.implied();
  if (std::any_of(implied.begin(), implied.end(), is_wanted)) return true;
  if (name == "SENDER") return has_any(values, record_.entry().sender);
  return name == "MESSAGE" && !record_.find(name) && has_any(values, record_.message());
}

bool EntryFilter::matches(const towl::EntryView& entry) {
  if (!senders_.empty() && !matches_any(senders_, entry.sender)) return false;
  if (fields_.empty() && units_.empty() && identifiers_.empty() && !levels_) return true;
  record_.set(entry);
  for (const auto& [name, values] : fields_) {
    if (!has_field(name, values)) return false;
  }
  if (!units_.empty() && !record_.has_unit([&](std::string_view unit) { return matches_any(units_, unit); }))
    return false;
  if (!identifiers_.empty() && !has_any(identifiers_, record_.find("SYSLOG_IDENTIFIER").value_or(""))) return false;
  if (!levels_) return true;
  const auto level = record_.level();
  return level && levels_->contains(*level);
}

}  // namespace towlctl
