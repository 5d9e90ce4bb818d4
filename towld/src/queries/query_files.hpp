// QueryFiles is what a question looks at: a store's durable entries, as far as the caller may see them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/mirror/catalog.hpp"
#include "towl/query/search.hpp"
#include "towl/result.hpp"

namespace towld {

/// FILE:ORDINAL, where an answer goes on: forwards the first entry to look at, backwards the one before which to look.
/// File 0: at the beginning.
struct QueryCursor {
  towl::FileId file = 0;
  towl::Ordinal ordinal = 0;

  std::string text() const { return std::to_string(file) + ":" + std::to_string(ordinal); }
  friend bool operator==(const QueryCursor&, const QueryCursor&) = default;
};

/// nullopt for what text() does not write.
std::optional<QueryCursor> read_query_cursor(std::string_view text);

/// A part of a file.
struct FileRange {
  towl::FileId file = 0;
  towl::Ordinal from = 0;
  towl::Ordinal end = ~towl::Ordinal{0};
};

struct QueryScope {
  std::vector<FileRange> files = {};  ///< These alone, in this order; empty: all, by their IDs.
  towl::Order order = towl::Order::forwards;
  QueryCursor cursor = {};
};

struct QueryFiles {
  std::vector<towl::SearchFile> files;
  std::vector<towl::FileId> ids;  ///< Of `files`.

  /// Where a search of them that ended at `place` goes on, forwards.
  QueryCursor cursor_at(const towl::SearchPlace& place) const {
    return {ids.empty() ? 0 : ids[place.file], place.ordinal};
  }
};

/// `catalog` shows only what the caller may see. Errors: not_found for a file of the scope that is not there,
/// and those of Catalog::files().
towl::Result<QueryFiles> files_of(const towl::Catalog& catalog, const QueryScope& scope);

}  // namespace towld
