// verify() of each format, for an open file.
#pragma once

#include <string>

#include "towl/file_layer.hpp"
#include "towl/recover.hpp"

namespace towl::detail {

namespace v1 {
Result<VerifyReport> verify(File& file, const std::string& path);
}

namespace v2 {
Result<VerifyReport> verify(File& file, const std::string& path, const Header& header);
}

}  // namespace towl::detail
