// EntryFilter keeps the entries that journalctl's options ask for: -u, -t, -p, FIELD=VALUE, and --sender.
//
// The fields of a journal entry are its own. Those of a text entry are SENDER and MESSAGE alone: -u, -t and -p match
// no text entry. One thread at a time.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "output/journal_entry.hpp"
#include "towl/entry.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// What the command line says. Of the same option one must hold, of different ones all.
struct FilterOptions {
  std::vector<std::string> units = {};        ///< Shell patterns; without a suffix, of services.
  std::vector<std::string> identifiers = {};  ///< Of SYSLOG_IDENTIFIER.
  std::string priority = {};                  ///< "err", "3", "err..alert"; a single one means it and what is worse.
  std::vector<std::string> senders = {};      ///< Shell patterns.
  std::vector<std::string> fields = {};       ///< FIELD=VALUE
};

class EntryFilter {
 public:
  /// Errors: invalid_argument.
  static towl::Result<EntryFilter> create(const FilterOptions& options);

  bool matches(const towl::EntryView& entry);

 private:
  bool matches_fields(const towl::EntryView& entry, const JournalEntry* journal) const;
  bool matches_unit(const JournalEntry& journal) const;

  std::vector<std::string> units_;
  std::vector<std::string> identifiers_;
  std::vector<std::string> senders_;
  std::map<std::string, std::vector<std::string>> fields_;
  bool any_priority_ = true;
  std::uint64_t lowest_ = 0;
  std::uint64_t highest_ = 7;
  JournalParser parser_;
};

}  // namespace towlctl
