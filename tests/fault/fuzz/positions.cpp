// Any bytes as the positions of a frame: they are read, or refused; what is read is written back unchanged.
#include <vector>

#include "support.hpp"
#include "v2/positions.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace towl;
  using namespace towl::fuzz;
  const std::string section(reinterpret_cast<const char*>(data), size);
  std::vector<SourcePosition> positions;
  if (!detail::v2::read_positions(section, positions)) return 0;
  for (const SourcePosition& position : positions) require(!position.source.empty(), "a source has a name");
  std::string written;
  detail::v2::append_positions(positions, written);
  require(written.size() == detail::v2::positions_bytes(positions), "the bytes that were announced");
  std::vector<SourcePosition> again;
  require(detail::v2::read_positions(written, again) && again == positions, "what is written is read as the same");
  return 0;
}
