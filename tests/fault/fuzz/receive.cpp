// The frames of any file as another machine sends them: to a mirror, as answers of a pull, and to a collector, as chunks
// of a push. In every case, what was taken is counted, can be read and is proved; what breaks the rules is refused.
#include <filesystem>
#include <vector>

#include "crc32c.hpp"
#include "reseal.hpp"
#include "support.hpp"
#include "towl/mirror/entry_receiver.hpp"
#include "towl/mirror/file_mirror.hpp"
#include "v2/frame.hpp"

namespace towl::fuzz {
namespace {

// The chunks that a sender would make of a file: some frames each; what they say of themselves is true half of the time.
std::vector<Chunk> chunks_of(const std::string& file, std::uint64_t random) {
  std::vector<Chunk> chunks;
  for (const FramePlace& place : frames_of(file)) {
    const std::string frame = file.substr(place.offset, place.bytes);
    detail::v2::FrameHeader header;
    const auto tag = detail::v2::read_frame_tag(frame);
    if (tag) (void)detail::v2::read_frame_header(frame, *tag, header);
    if (!tag || header.kind == detail::v2::FrameKind::header) continue;
    const bool joins = !chunks.empty() && (random >> (place.offset / 8 % 60) & 1) != 0;
    if (!joins) chunks.push_back({.at = {header.first, place.offset}, .count = 0, .bytes = {}, .damage = {}});
    chunks.back().count += detail::v2::holds_entries(header.kind) ? header.count : 0;
    chunks.back().bytes += frame;
  }
  return chunks;
}

void push(const Header& header, const std::vector<Chunk>& chunks, std::uint64_t random) {
  EntryReceiver receiver;
  receiver.begin_file(header.uuid, random % 3 == 0 ? random % 16 : 0, 0);
  for (const Chunk& chunk : chunks) {
    const std::uint64_t before = receiver.count();
    std::uint64_t given = 0;
    const auto taken = receiver.take(
        chunk.bytes, [&](const EntryView&) { ++given; }, [&](const LostEntries& gap) { given += gap.count; });
    require(receiver.count() - before == given, "each entry and gap that is counted was given");
    if (!taken) return;
  }
}

void pull(const ServedFile& remote, const std::vector<Chunk>& chunks, MemoryFileLayer& layer) {
  const std::filesystem::path folder = "/copy";
  require(layer.create_folder(folder).has_value(), "a folder in memory can be made");
  auto mirror = FileMirror::find(folder, remote, &layer);
  if (!mirror || !(*mirror)->begin()) return;
  for (const Chunk& chunk : chunks) {
    const std::uint64_t before = (*mirror)->count();
    ChunkView view = chunk.view();
    if (chunk.count == 0) view.at.ordinal = before;  // What stands after the entries.
    const bool taken = (*mirror)->append(view).has_value();
    if (taken) require((*mirror)->count() == before + chunk.count, "a chunk that was taken is counted");
    if (!taken) require((*mirror)->count() <= before, "a chunk that was refused is not there");
  }
  (void)(*mirror)->reached(remote);
  (void)(*mirror)->save();
  // Frames whose checksums hold and that make no sense: the copy is set aside, and pulled from scratch.
  if ((*mirror)->differs()) return;
  const std::uint64_t count = (*mirror)->count();
  const auto path = (*mirror)->path();
  mirror->reset();
  trace(layer, "mirrored", path.c_str());
  const Served served = read_served(layer, path.c_str());
  require(served.entries.empty() || served.entries.rbegin()->first < count, "no entry is read that was not counted");
  auto again = FileMirror::find(folder, remote, &layer);
  if (!again || !(*again)->exists() || (*again)->differs()) return;
  (void)(*again)->lost();
  (void)(*again)->recount();
  (void)(*again)->proof();
}

}  // namespace
}  // namespace towl::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace towl;
  using namespace towl::fuzz;
  const std::string file(reinterpret_cast<const char*>(data), size);
  MemoryFileLayer layer;
  layer.set_contents(kPath, file);
  const auto reader = FileReader::open(kPath, {.layer = &layer});
  if (!reader || reader->header().version != static_cast<std::int32_t>(FileFormat::v2)) return 0;
  const std::uint64_t random = detail::crc32c(file) * std::uint64_t{0x9E3779B97F4A7C15};
  const auto chunks = chunks_of(file, random);
  push(reader->header(), chunks, random >> 32);
  pull({reader->header(), reader->index(), size, !reader->index().closed}, chunks, layer);
  return 0;
}
