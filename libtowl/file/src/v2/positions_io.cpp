#include <unordered_map>

#include "pages_io.hpp"
#include "towl/source_positions.hpp"
#include "v2/frame_walker.hpp"
#include "v2/header_io.hpp"
#include "v2/positions.hpp"
#include "v2/slots.hpp"

namespace towl {

Result<SourcePositions> read_source_positions(const std::filesystem::path& path, FileLayer* layer) {
  using namespace detail::v2;
  SourcePositions known;
  const auto file = detail::layer_or_posix(layer).open(path, OpenMode::read);
  if (!file) return fail(file.error());
  const auto header = detail::read_header(**file, path.string());
  if (!header) return fail(header.error());
  if (!detail::is_v2(*header)) {
    const auto index = detail::read_index(**file, *header, path.string());
    known.has_entries = index && index->count > 0;
    return known;
  }
  std::unordered_map<std::string, std::string> last;
  const auto tag = tag_of(**file, *header);
  if (!tag) return fail(detail::at_file(tag.error(), path.string()));
  auto slots = read_slots(**file, *tag);
  if (!slots) return fail(std::move(slots.error()));
  FrameWalker walker(**file, *tag, slots->newest);
  FrameHeader frame;
  std::string_view stored;
  std::vector<SourcePosition> positions;
  for (;;) {
    auto walked = walker.next(frame);
    const bool has_positions = walked && *walked == Walked::frame && frame.positions_bytes > 0;
    if (has_positions) walked = walker.stored(stored);
    if (!walked) return fail(walked.error());
    if (*walked == Walked::end) break;
    known.has_entries = true;
    positions.clear();
    // The entries of a gap may have had positions, unless it has some itself: then the store made it.
    const bool is_bare_gap = *walked == Walked::frame && frame.kind == FrameKind::gap && frame.positions_bytes == 0;
    if (*walked == Walked::damage || is_bare_gap || frame.positions_left_out) {
      known.incomplete = true;
    } else if (has_positions) {
      known.incomplete |= !check_positions(stored, frame) || !read_positions(positions_of(stored, frame), positions);
      for (SourcePosition& position : positions) last[position.source] = std::move(position.position);
    }
  }
  for (auto& [source, position] : last) {
    if (!position.empty()) known.positions.push_back({source, std::move(position)});
  }
  return known;
}

}  // namespace towl
