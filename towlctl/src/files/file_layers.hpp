// Where commands read files from: this machine, and an archive, whose paths begin with s3:.
#pragma once

#include "archive/archive.hpp"
#include "towl/file_layer.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// Opens local paths as posix_file_layer() does, and s3://BUCKET/PREFIX/ID.towl from the archive, which is loaded when
/// the first such path is named. Lives as long as the program; any thread.
towl::FileLayer& file_layer();

/// The archive of file_layer(). Errors: it cannot be loaded, or no credentials are found; each with what to do.
towl::Result<Archive*> archive();

}  // namespace towlctl
