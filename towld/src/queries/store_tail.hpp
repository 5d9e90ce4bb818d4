// StoreTail gives the durable entries that match an expression, from a place on, across all files that come: each once.
//
// It holds no file between two rounds, so that many may follow. What retention removed before it was looked at is passed
// over.
// Threads: one at a time.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "queries/query_files.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/query/expression.hpp"
#include "towl/query/search.hpp"
#include "towl/result.hpp"

namespace towld {

class StoreTail {
 public:
  /// `catalog`: what the follower may see. Looks at what comes from `from` on, as far as `scope` says.
  StoreTail(towl::Catalog catalog, towl::Expression expression, QueryCursor from, std::vector<FileRange> scope = {})
      : catalog_(std::move(catalog)), expression_(std::move(expression)), cursor_(from), scope_(std::move(scope)) {}

  /// After the last entry that is durable now; at the beginning of a store without any. Errors: of Catalog::files().
  static towl::Result<QueryCursor> end_of(const towl::Catalog& catalog);

  /// "UUID/ORDINAL" (of a file of format 1 "FILE:ORDINAL") of the entry before `cursor`, or "begin": what place_after()
  /// reads, on this collector after a restart, too.
  static std::string id_before(const towl::Catalog& catalog, const QueryCursor& cursor);

  struct Place {
    QueryCursor cursor = {};
    bool is_gone = false;  ///< The file is not there any more: `cursor` is that of the oldest one that is.
  };
  /// Errors: invalid_argument for what is no such ID.
  static towl::Result<Place> place_after(const towl::Catalog& catalog, std::string_view id);

  struct Sink {
    std::function<bool(const towl::FoundEntry&)> entry;  ///< False: enough for now.
    std::function<void(towl::FileId, const towl::Error&)> unread;
  };

  /// One round: what is durable and was not looked at yet, until the sink has enough, `stop`, or kTailRoundTime is over.
  /// True: all was looked at, for now. Errors: invalid_argument for the expression; of Catalog::files().
  towl::Result<bool> look(const Sink& sink, const std::stop_token& stop);

  /// All before it was looked at.
  const QueryCursor& cursor() const { return cursor_; }
  const towl::Catalog& catalog() const { return catalog_; }

 private:
  const towl::Catalog catalog_;
  const towl::Expression expression_;
  QueryCursor cursor_;
  const std::vector<FileRange> scope_;
};

}  // namespace towld
