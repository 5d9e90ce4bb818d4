// EntryFilter keeps the entries that journalctl's options ask for: -u, -t, -p, FIELD=VALUE, and --sender.
//
// The fields of an entry are its own, those that it implies (_HOSTNAME), SENDER and MESSAGE. A text has no others: -u,
// -t and -p match no text. One thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/entry.hpp"
#include "towl/record/level.hpp"
#include "towl/record/record_view.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// What the command line says. Of the same option one must hold, of different ones all.
struct FilterOptions {
  std::vector<std::string> units = {};        ///< Shell patterns; without a suffix, of services.
  std::vector<std::string> identifiers = {};  ///< Of SYSLOG_IDENTIFIER.
  std::optional<std::string> priority = {};   ///< "err", "3", "err..alert"; a single one means it and what is worse.
  std::vector<std::string> senders = {};      ///< Shell patterns.
  std::vector<std::string> fields = {};       ///< FIELD=VALUE

  /// All entries match.
  bool is_empty() const {
    return units.empty() && identifiers.empty() && !priority && senders.empty() && fields.empty();
  }
};

class EntryFilter {
 public:
  /// Errors: invalid_argument.
  static towl::Result<EntryFilter> create(const FilterOptions& options);

  bool matches(const towl::EntryView& entry);

 private:
  bool has_field(const std::string& name, const std::vector<std::string>& values) const;

  std::vector<std::string> units_;
  std::vector<std::string> identifiers_;
  std::vector<std::string> senders_;
  std::map<std::string, std::vector<std::string>> fields_;
  std::optional<towl::LevelRange> levels_;
  towl::RecordView record_;
};

}  // namespace towlctl
