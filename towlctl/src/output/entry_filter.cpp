#include "output/entry_filter.hpp"

#include <map>
#include <utility>

namespace towlctl {
namespace {

using towl::Expression;
using towl::FieldKind;

void add_globs(FieldKind kind, const std::vector<std::string>& globs, std::vector<Expression>& to) {
  if (!globs.empty()) to.push_back(towl::test_of({.kind = kind}, towl::GlobTest{globs}));
}

/// Each field must have one of its values.
Expression matches_of(const std::map<std::string, std::vector<std::string>>& fields) {
  std::vector<Expression> parts;
  parts.reserve(fields.size());
  for (const auto& [name, values] : fields) {
    parts.push_back(towl::test_of({.kind = FieldKind::named, .name = name}, towl::ExactTest{values}));
  }
  return towl::all_of(std::move(parts));
}

towl::Result<Expression> matches(const std::vector<std::string>& given) {
  std::vector<Expression> alternatives;
  std::map<std::string, std::vector<std::string>> fields;
  const auto end_group = [&] {
    if (!fields.empty()) alternatives.push_back(matches_of(std::exchange(fields, {})));
  };
  for (const std::string& match : given) {
    if (match == "+") {
      end_group();
      continue;
    }
    const auto equals = match.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return towl::fail(towl::ErrorCode::invalid_argument, "\"" + match + "\" is not FIELD=VALUE");
    }
    fields[match.substr(0, equals)].push_back(match.substr(equals + 1));
  }
  end_group();
  if (alternatives.empty()) return Expression{};
  return towl::any_of(std::move(alternatives));
}

}  // namespace

towl::Result<Expression> filter_expression(const FilterOptions& options) {
  std::vector<Expression> parts;
  add_globs(FieldKind::title, options.titles, parts);
  add_globs(FieldKind::org, options.orgs, parts);
  add_globs(FieldKind::sender, options.senders, parts);
  std::vector<std::string> units;
  for (const std::string& unit : options.units) {
    units.push_back(unit);
    // systemd's units have a suffix, other units none.
    if (unit.find('.') == std::string::npos) units.push_back(unit + ".service");
  }
  add_globs(FieldKind::unit, units, parts);
  auto fields = matches(options.fields);
  if (!fields) return fields;
  parts.push_back(std::move(*fields));
  if (!options.identifiers.empty()) {
    parts.push_back(
        towl::test_of({.kind = FieldKind::named, .name = "SYSLOG_IDENTIFIER"}, towl::ExactTest{options.identifiers}));
  }
  if (options.priority) {
    const auto levels = towl::parse_level_range(*options.priority);
    if (!levels) return tl::unexpected(levels.error());
    parts.push_back(
        towl::test_of({.kind = FieldKind::level}, towl::LevelTest{levels->most_severe, levels->least_severe}));
  }
  return towl::all_of(std::move(parts));
}

towl::Result<EntryFilter> EntryFilter::create(const FilterOptions& options) {
  const auto expression = filter_expression(options);
  if (!expression) return tl::unexpected(expression.error());
  auto test = towl::EntryTest::create(*expression);
  if (!test) return tl::unexpected(test.error());
  return EntryFilter(std::move(*test));
}

}  // namespace towlctl
