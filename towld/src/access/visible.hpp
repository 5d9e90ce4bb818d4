// What of a store the bearer of a grant may see: every door that shows entries or files takes its catalogue from here.
#pragma once

#include <memory>
#include <utility>

#include "access/grant.hpp"
#include "towl/mirror/catalog.hpp"

namespace towld {

/// `grant`: nullptr if no grants are asked for: everything is visible.
inline towl::Catalog visible_to(const std::shared_ptr<const Grant>& grant, const towl::Catalog& catalog) {
  if (!grant || !grant->is_narrowed()) return catalog;
  return catalog.narrowed([grant](const towl::Header& header) { return grant->covers(header); });
}

}  // namespace towld
