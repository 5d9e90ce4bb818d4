// GroupParser puts the groups of a pattern into fields: the parsers regex and grok.
//
// A group for the message replaces the text only if the match covers all of it but space: otherwise the rest would be
// lost, the stack trace below the line that a pattern matches, say. The text stays then, with the group in it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "parse/parser_chain.hpp"
#include "parse/pattern.hpp"
#include "towl/record/time_zone.hpp"

namespace towld {

/// A group and the field that it becomes.
struct GroupField {
  int group = 0;
  std::string name = {};
  bool is_number = false;  ///< Stored as a number if it is one.
};

class GroupParser : public Parser {
 public:
  /// `field` is what is searched; empty: the text.
  GroupParser(Pattern pattern, std::vector<GroupField> groups, std::string field);

  Outcome apply(Draft& draft) const override;

 private:
  Pattern pattern_;
  std::vector<GroupField> groups_;
  std::size_t group_count_;  ///< With the whole match.
  std::string field_;
  const towl::TimeZone zone_ = towl::TimeZone::local();
};

}  // namespace towld
