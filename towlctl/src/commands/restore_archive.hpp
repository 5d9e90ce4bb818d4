// restore_archive brings an archive's files into a local store: for `restore`, and for `sync` from an archive.
#pragma once

#include <string>

#include "session/session.hpp"

namespace towlctl {

struct RestoreOptions {
  std::string archive;  ///< s3://BUCKET/PREFIX, or one of its files.
  std::string store;
};

/// Returns the exit code: kDone, 1 if some files could not be restored, kFailure if none was tried.
int restore_archive(const RestoreOptions& options, const Session& session);

}  // namespace towlctl
