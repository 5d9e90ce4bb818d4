// What journalctl's options ask for, as an expression: -u, -t, -p, FIELD=VALUE, and --sender, --title, --org.
//
// The fields of an entry are its own, those that it implies (_HOSTNAME), SENDER and MESSAGE. A text has no fields of
// its own: -u, -t and -p match no text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "towl/query/entry_test.hpp"
#include "towl/query/expression.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// What the command line says. One of the values of an option must match; all options that are given must match.
struct FilterOptions {
  std::vector<std::string> units = {};        ///< Shell patterns; without a suffix, of services.
  std::vector<std::string> identifiers = {};  ///< Of SYSLOG_IDENTIFIER.
  std::optional<std::string> priority = {};   ///< "err", "3", "err..alert"; a single one means it and what is worse.
  std::vector<std::string> senders = {};      ///< Shell patterns.
  std::vector<std::string> titles = {};       ///< Of files; shell patterns.
  std::vector<std::string> orgs = {};         ///< The same.
  std::vector<std::string> fields = {};       ///< FIELD=VALUE; "+" between them: those before it, or those after it.

  /// All entries match.
  bool is_empty() const {
    return units.empty() && identifiers.empty() && !priority && senders.empty() && titles.empty() && orgs.empty() &&
           fields.empty();
  }
};

/// Errors: invalid_argument.
towl::Result<towl::Expression> filter_expression(const FilterOptions& options);

/// Tests one entry after the other. One thread at a time.
class EntryFilter {
 public:
  /// Errors: invalid_argument.
  static towl::Result<EntryFilter> create(const FilterOptions& options);

  bool matches(const towl::EntryView& entry, const towl::Header& header = {}) { return test_.passes(entry, header); }

 private:
  explicit EntryFilter(towl::EntryTest test) : test_(std::move(test)) {}

  towl::EntryTest test_;
};

}  // namespace towlctl
