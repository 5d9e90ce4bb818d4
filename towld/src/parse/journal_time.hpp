// When an entry of a journal, as JSON, says that it happened: for those who take it in. Readers have it from the file.
#pragma once

#include <optional>
#include <string_view>

#include "parse/draft.hpp"
#include "parse/json_members.hpp"
#include "towl/time.hpp"

namespace towld {

/// Threads: one at a time. Holds the JSON reader's memory.
class JournalTimeReader {
 public:
  /// What its source says, else journald, else a member that is a time. nullopt for anything else, and for what is no
  /// JSON object.
  std::optional<towl::Timestamp> read(std::string_view json);

 private:
  JsonMembers members_;
  Draft draft_;
};

}  // namespace towld
