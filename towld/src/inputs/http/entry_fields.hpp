// EntryFields gathers what an entry of a structured protocol says (labels, attributes), and puts it into a draft as the
// members of a JSON object are: levels, times and hosts are understood, and all are kept.
//
// Threads: one at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parse/draft.hpp"
#include "towl/record/time_zone.hpp"

namespace towld {

class EntryFields {
 public:
  void clear() { fields_.clear(); }

  /// Of two of one name the last counts.
  void add(std::string_view name, std::string_view value, bool is_json = false) {
    fields_.push_back({std::string(name), std::string(value), is_json});
  }

  std::vector<Field>& all() { return fields_; }

  /// Puts them into the draft, whose text they leave alone. A host's name becomes the sender as well.
  void put(Draft& draft) const;

 private:
  std::vector<Field> fields_;
  towl::TimeZone zone_ = {};
};

}  // namespace towld
