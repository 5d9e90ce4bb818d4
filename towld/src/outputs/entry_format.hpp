// EntryFormatter prints entries for outputs.
//
// Threads: one at a time.
#pragma once

#include <string>

#include "outputs/output_format.hpp"
#include "outputs/store_follower.hpp"
#include "parse/draft.hpp"
#include "towl/record/record_view.hpp"

namespace towld {

class EntryFormatter {
 public:
  explicit EntryFormatter(OutputFormat format) : format_(format) {}

  /// Appends the entry, with a newline after it.
  void append(const FollowedEntry& followed, std::string& to);

 private:
  void append_json(const FollowedEntry& followed, std::string& to);
  void append_console(const FollowedEntry& followed, std::string& to);

  OutputFormat format_;
  towl::RecordView record_;
};

}  // namespace towld
