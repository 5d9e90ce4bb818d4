#include "output/entry_filter.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <optional>

#include "output/entry_printer.hpp"

namespace towlctl {
namespace {

/// RFC 5424, 6.2.1, by syslog.h's names.
std::optional<std::uint64_t> parse_priority(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNames = {"emerg",   "alert",  "crit", "err",
                                                      "warning", "notice", "info", "debug"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i] || name == std::to_string(i)) return i;
  }
  if (name == "error") return 3;
  if (name == "warn") return 4;
  return std::nullopt;
}

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
    filter.units_.push_back(unit.find('.') == std::string::npos ? unit + ".service" : unit);
  }
  for (const std::string& match : options.fields) {
    const auto equals = match.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return towl::fail(towl::ErrorCode::invalid_argument, "\"" + match + "\" is not FIELD=VALUE");
    }
    filter.fields_[match.substr(0, equals)].push_back(match.substr(equals + 1));
  }
  if (options.priority.empty()) return filter;
  const auto dots = options.priority.find("..");
  const bool range = dots != std::string::npos;
  const auto first = parse_priority(options.priority.substr(0, dots));
  const auto second = range ? parse_priority(options.priority.substr(dots + 2)) : std::optional<std::uint64_t>(0);
  if (!first || !second) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "\"" + options.priority +
                          "\" is not a priority: emerg, alert, crit, err, warning, notice, info, debug, 0 to 7, or a "
                          "range as err..alert");
  }
  filter.any_priority_ = false;
  filter.lowest_ = std::min(*first, *second);
  filter.highest_ = std::max(*first, *second);
  return filter;
}

bool EntryFilter::matches_unit(const JournalEntry& journal) const {
  // Messages of a unit, and those that systemd logs about it.
  return std::any_of(journal.fields().begin(), journal.fields().end(), [&](const JournalField& field) {
    return (field.name == "_SYSTEMD_UNIT" || field.name == "UNIT" || field.name == "OBJECT_SYSTEMD_UNIT" ||
            field.name == "_SYSTEMD_USER_UNIT" || field.name == "USER_UNIT") &&
           matches_any(units_, field.value);
  });
}

bool EntryFilter::matches_fields(const towl::EntryView& entry, const JournalEntry* journal) const {
  return std::all_of(fields_.begin(), fields_.end(), [&](const auto& wanted) {
    const std::string& name = wanted.first;
    const std::vector<std::string>& values = wanted.second;
    if (name == "SENDER" && has_any(values, entry.sender)) return true;
    if (journal == nullptr) return name == "MESSAGE" && has_any(values, entry.log_entry);
    return std::any_of(journal->fields().begin(), journal->fields().end(),
                       [&](const JournalField& field) { return field.name == name && has_any(values, field.value); });
  });
}

bool EntryFilter::matches(const towl::EntryView& entry) {
  if (!senders_.empty() && !matches_any(senders_, entry.sender)) return false;
  if (fields_.empty() && units_.empty() && identifiers_.empty() && any_priority_) return true;
  const JournalEntry* journal = as_journal(entry, parser_);
  if (!fields_.empty() && !matches_fields(entry, journal)) return false;
  if (units_.empty() && identifiers_.empty() && any_priority_) return true;
  if (journal == nullptr) return false;
  if (!units_.empty() && !matches_unit(*journal)) return false;
  if (!identifiers_.empty() && !has_any(identifiers_, journal->find("SYSLOG_IDENTIFIER").value_or(""))) return false;
  if (any_priority_) return true;
  const auto priority = journal->number("PRIORITY");
  return priority && *priority >= lowest_ && *priority <= highest_;
}

}  // namespace towlctl
