// ContextSearch gives what a Search finds, with its neighbours in the same file: grep's -A, -B and -C.
//
// The neighbours are read by their ordinals; the search still skips what it can skip. Neighbours that cannot be read
// are left out: damage is reported where the search meets it.
// Ownership, threads: as Search. Forwards only.
#pragma once

#include <cstdint>
#include <memory>

#include "towl/query/search.hpp"

namespace towl {

struct Context {
  std::uint64_t before = 0;  ///< This many entries before each that is found …
  std::uint64_t after = 0;   ///< … and after it.
};

class ContextSearch {
 public:
  ContextSearch(Search search, const Context& context, FileLayer* layer = nullptr);
  ContextSearch(ContextSearch&&) noexcept;
  ContextSearch& operator=(ContextSearch&&) noexcept;
  ~ContextSearch();

  /// As Search::next(). `is_match` says whether an entry was found, or is a neighbour.
  Outcome next(bool& is_match);

  /// As Search::go_on(); neighbours that did not exist before follow.
  void go_on(std::vector<SearchFile> more = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl
