// EntryTemplate makes a short text for an entry: a header's value, a label, a topic, an index.
//
//     {sender}       who sent the entry
//     {level}        info, err …; "" if it says none
//     {date}         2026.01.17, of its event time, UTC
//     {file_uuid}    of the store file it is in; {file_id}: its number; {ordinal}: its place there
//     {field:NAME}   one of its fields, e.g. {field:_SYSTEMD_UNIT}; "" if it has none
//     {{ and }}      a brace
//
// Threads: one at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "outputs/store_follower.hpp"
#include "towl/record/record_view.hpp"
#include "towl/result.hpp"

namespace towld {

class EntryTemplate {
 public:
  /// Errors: invalid_argument.
  static towl::Result<EntryTemplate> parse(std::string_view text);

  /// Appends the text for the entry; `record` is set to it.
  void append(const FollowedEntry& followed, const towl::RecordView& record, std::string& to) const;

  /// It is the same for all entries.
  bool is_constant() const;

 private:
  enum class Kind { literal, sender, level, date, file_uuid, file_id, ordinal, field };
  struct Part {
    Kind kind = Kind::literal;
    std::string text = {};  ///< The literal, or the field's name.
  };

  std::vector<Part> parts_;
};

}  // namespace towld
