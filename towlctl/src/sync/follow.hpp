// follow keeps the mirror up to date as entries are stored, also when a new file begins.
#pragma once

#include <optional>
#include <string>

#include "collector/pull_error.hpp"
#include "sync/pull_file.hpp"
#include "towl/mirror/served_file.hpp"

namespace towlctl {

/// Streams from the mirror's copy of `newest` on, until something ends it; what was received is then durable.
/// Errors: stopped, cut, local, bad_data, refused; diverged and gone if another round is needed. Never succeeds.
/// If `title` is given, files with another title are skipped.
PullError follow(const SyncContext& context, const towl::ServedFile& newest, const std::optional<std::string>& title);

}  // namespace towlctl
