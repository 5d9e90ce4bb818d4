// Reading the directory and the footer of a sealed file.
#pragma once

#include <optional>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"
#include "v2/footer.hpp"

namespace towl::detail::v2 {

/// The footer at the end of the file; nullopt if there is no valid one. Errors: io.
Result<std::optional<Footer>> read_footer(File& file, std::uint32_t tag);

/// nullopt if it is damaged: the entries can be read without it. Errors: io.
Result<std::optional<Directory>> read_directory(File& file, std::uint32_t tag, const Footer& footer);

/// The payload of the frame of `kind` at `offset`, if it is there and whole. Errors: io.
Result<std::optional<std::string>> read_frame(File& file, std::uint32_t tag, std::uint64_t offset, FrameKind kind);

}  // namespace towl::detail::v2
