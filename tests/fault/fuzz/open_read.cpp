// Any bytes as a file: it is opened, read, sought in and fed to a sync without a crash, and all of that ends.
#include <vector>

#include "crc32c.hpp"
#include "frame_feed.hpp"
#include "support.hpp"

namespace towl::fuzz {
namespace {

// A few entries from where the reader is; all are from `ordinal` on.
void read_some(FileReader& reader, Ordinal ordinal) {
  for (int i = 0; i < 3; ++i) {
    const auto entry = reader.next();
    if (!entry) continue;
    if (!*entry) return;
    require(reader.ordinal() >= ordinal, "an entry behind a sought ordinal");
    ordinal = reader.ordinal() + 1;
  }
}

void seek_here_and_there(FileReader& reader, std::uint64_t random) {
  const std::uint64_t count = reader.index().count;
  const Ordinal ordinals[] = {count / 2, 0, count, random % 16, random % (count | 1), count - 1, ~std::uint64_t{0}, 1};
  for (const Ordinal ordinal : ordinals) {
    if (reader.seek(ordinal)) read_some(reader, ordinal);
    (void)reader.position();
  }
}

void seek_positions(FileReader& reader, std::uint64_t random) {
  std::vector<Position> points;
  (void)reader.points(1 + random % 512, points);
  for (std::size_t i = 1; i < points.size(); ++i) {
    require(points[i - 1].offset <= points[i].offset && points[i - 1].ordinal <= points[i].ordinal, "points ascend");
    require(points[i - 1] != points[i], "no point is given twice");
  }
  for (std::size_t i = 0; i < points.size(); i += 1 + points.size() / 8) {
    reader.seek(points[i]);
    read_some(reader, points[i].ordinal);
  }
  reader.seek(Position{random % 64, random % 8192});
  read_some(reader, random % 64);
}

// An error may come before it more than once, but not for ever.
void skip_to_end(FileReader& reader, std::size_t bytes) {
  if (!reader.seek(0)) return;
  for (std::size_t errors_left = bytes / 4 + 16;;) {
    const auto end = reader.skip_to_end();
    if (end) {
      const auto entry = reader.next();
      require(!entry || !*entry, "nothing behind the end");
      return;
    }
    if (!reader.continues_behind_damage()) return;
    require(errors_left-- > 0, "skipping goes on behind damage: it ends");
  }
}

void read_time_range(MemoryFileLayer& layer, const Index& index) {
  const Timestamp since = index.first.value_or(0);
  auto reader =
      FileReader::open(kPath, {.since = since, .until = index.event_max, .max_entry_bytes = 4096, .layer = &layer});
  if (!reader) return;
  for (int i = 0; i < 64; ++i) {
    const auto entry = reader->next();
    if (!entry) continue;
    if (!*entry) return;
    require((*entry)->time() >= since && (!index.event_max || (*entry)->time() < *index.event_max),
            "entries in the time range");
  }
}

void feed(MemoryFileLayer& layer, const FileReader& reader, std::uint64_t random) {
  const std::uint64_t count = reader.index().count;
  for (const Ordinal from : {Ordinal{0}, count / 2, random % 8}) {
    auto file = layer.open(kPath, OpenMode::read);
    require(file.has_value(), "the file can be opened again");
    auto feed = detail::FrameFeed::open(std::move(*file), kPath, reader.header().uuid);
    if (!feed || !(*feed)->seek(from)) continue;
    for (int i = 0; i < 16 && (*feed)->count() < count; ++i) {
      const Ordinal before = (*feed)->count();
      const auto run = (*feed)->next_frames(reader.index(), 1024);
      if (!run) break;
      require((*feed)->count() - before == run->count, "a run counts its entries");
    }
    for (int i = 0; i < 16; ++i) {
      const auto run = (*feed)->next_trailer(1024);
      if (!run || run->bytes.empty()) break;
    }
  }
}

}  // namespace
}  // namespace towl::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace towl;
  using namespace towl::fuzz;
  const std::string file(reinterpret_cast<const char*>(data), size);
  const std::uint64_t random = detail::crc32c(file);
  MemoryFileLayer layer;
  layer.set_contents(kPath, file);
  (void)read_served(layer);
  auto reader = FileReader::open(kPath, {.max_entry_bytes = std::size_t{1} << 20, .layer = &layer});
  if (!reader) return 0;
  seek_here_and_there(*reader, random);
  seek_positions(*reader, random);
  skip_to_end(*reader, size);
  (void)reader->refresh_index();
  read_time_range(layer, reader->index());
  if (reader->continues_behind_damage()) feed(layer, *reader, random);
  return 0;
}
