// reseal() makes the checksums of a damaged file of format 2 fit again, so that the damage reaches the code after the
// checks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace towl::fuzz {

/// A frame, as far as its bytes say.
struct FramePlace {
  std::size_t offset = 0;
  std::size_t bytes = 0;  ///< With its header and padding.
};

/// Where frames begin: magic after magic.
std::vector<FramePlace> frames_of(const std::string& file);

/// Makes header pages, slots, frames and the chain from frame to frame fit their contents. What is not a file of format
/// 2 stays as it is.
void reseal(std::string& file);

/// The same for one page or slot.
void reseal_header_page(char* page);
void reseal_slot(char* slot, std::uint32_t tag);

}  // namespace towl::fuzz
