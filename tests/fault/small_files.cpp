#include "fault/small_files.hpp"

#include "towl/seal.hpp"
#include "v2/columns.hpp"
#include "v2/digest.hpp"
#include "v2/frame_writer.hpp"
#include "v2/pages.hpp"
#include "v2/token_filter.hpp"

namespace towl::test {
namespace {

namespace v2 = detail::v2;

constexpr std::uint64_t kEntries = 24;
constexpr std::uint64_t kEntriesAFrame = 3;
constexpr std::uint64_t kSynced = 18;
constexpr std::uint64_t kEntriesASealedFrame = 6;
constexpr std::uint64_t kCommits = 5;

NewFile new_file(std::uint8_t uuid) {
  return {.file_id = 1, .org = "acme", .title = "damaged", .opened = 5, .uuid = small_uuid(uuid)};
}

SmallFile described(std::string bytes, std::uint8_t uuid, std::vector<Entry> entries, Ordinal durable) {
  const std::uint32_t tag = v2::file_tag(small_uuid(uuid));
  auto frames = frames_of(bytes, tag);
  return {std::move(bytes), tag, std::move(entries), durable, std::move(frames)};
}

enum class Until { flushed, synced, closed };

void write_file(MemoryFileLayer& disk, std::uint8_t uuid, const std::vector<Entry>& entries, Until until) {
  Timestamp time = 0;
  // The index page is written with each sync.
  const auto clock = [&time] { return time += 2 * kNanosecondsPerSecond; };
  auto writer = FileWriter::create(kDamagedPath, new_file(uuid), {.layer = &disk, .clock = clock});
  ASSERT_TRUE(writer) << writer.error().to_string();
  for (std::uint64_t i = 0; i < entries.size(); i += kEntriesAFrame) {
    const std::span batch(entries.data() + i, kEntriesAFrame);
    const std::vector<EntryView> views(batch.begin(), batch.end());
    const std::uint64_t count = i + kEntriesAFrame;
    // Every second frame tells how far a source was read. Not in a file that gets another life: frames of two lives
    // that differ in size can be told apart only by what README.md says is missing.
    const std::array position = {SourcePosition{"source", std::to_string(count)}};
    const bool with_position = until != Until::flushed && i / kEntriesAFrame % 2 == 1;
    ASSERT_TRUE(with_position ? writer->append(views, position) : writer->append(views));
    const bool sync = until != Until::flushed && (count == kSynced || count == kSynced / 2);
    ASSERT_TRUE(sync ? writer->sync() : writer->flush());
  }
  ASSERT_TRUE(until != Until::closed || writer->close(9));
}

// What sealing writes for a run of entries.
void put_columns(v2::FrameWriter& writer, std::span<const Entry> entries, std::uint64_t& digest) {
  v2::FrameHeader header;
  header.kind = v2::FrameKind::data;
  header.layout = v2::Layout::columns;
  header.count = static_cast<std::uint32_t>(entries.size());
  header.first = writer.slot().index.count;
  header.digest = digest;
  header.min = header.max = entries.front().received;
  header.event_min = header.event_max = entries.front().time();
  v2::TokenFilterBuilder filter;
  for (const Entry& entry : entries) {
    header.min = std::min(header.min, entry.received);
    header.max = std::max(header.max, entry.received);
    header.event_min = std::min(header.event_min, entry.time());
    header.event_max = std::max(header.event_max, entry.time());
    header.text_bytes += static_cast<std::uint32_t>(entry.sender.size() + entry.log_entry.size());
    filter.add(entry);
    digest = v2::extend_digest(digest, entry);
  }
  std::string payload;
  v2::ColumnEncoder().encode(std::vector<EntryView>(entries.begin(), entries.end()), payload);
  header.raw_bytes = static_cast<std::uint32_t>(payload.size());
  ASSERT_TRUE(writer.put(header, payload, {}, filter.finish()));
}

}  // namespace

Uuid small_uuid(std::uint8_t number) { return {number, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16}; }

std::vector<StoredFrame> frames_of(std::string_view bytes, std::uint32_t tag) {
  std::vector<StoredFrame> frames;
  StoredFrame frame{.header = {}, .begin = v2::kFramesOffset};
  while (frame.begin < bytes.size() &&
         v2::read_frame_header(bytes.substr(frame.begin), tag, frame.header) == v2::FrameFound::frame) {
    frame.end = frame.begin + frame.header.bytes();
    frames.push_back(frame);
    frame.begin = frame.end;
  }
  EXPECT_EQ(frame.begin, bytes.size()) << "a file that is not whole";
  return frames;
}

std::vector<StoredFrame> SmallFile::data_frames() const {
  std::vector<StoredFrame> data;
  std::copy_if(frames.begin(), frames.end(), std::back_inserter(data),
               [](const StoredFrame& frame) { return frame.header.kind == v2::FrameKind::data; });
  return data;
}

SmallFile open_file(std::uint8_t uuid, std::uint64_t first_number) {
  MemoryFileLayer disk;
  auto entries = numbered_entries(first_number, kEntries);
  write_file(disk, uuid, entries, Until::synced);
  return described(disk.contents(kDamagedPath), uuid, std::move(entries), kSynced);
}

SmallFile closed_file() {
  MemoryFileLayer disk;
  auto entries = numbered_entries(0, kEntries);
  write_file(disk, 1, entries, Until::closed);
  return described(disk.contents(kDamagedPath), 1, std::move(entries), kEntries);
}

SmallFile sealed_file() {
  MemoryFileLayer disk;
  auto entries = numbered_entries(0, kEntries);
  write_file(disk, 1, entries, Until::closed);
  const auto sealed = seal(kDamagedPath, {.layer = &disk});
  EXPECT_TRUE(sealed) << sealed.error().to_string();
  return described(disk.contents(kDamagedPath), 1, std::move(entries), kEntries);
}

SmallFile sealed_file_of_frames() {
  MemoryFileLayer disk;
  auto entries = numbered_entries(0, kEntries);
  const auto file = std::move(*disk.open(kDamagedPath, OpenMode::create));
  Header header{.version = 2, .org = "acme", .title = "damaged", .file_id = 1, .uuid = small_uuid(1)};
  auto writer = v2::FrameWriter::begin(*file, {.header = header, .created = 5});
  EXPECT_TRUE(writer);
  Index index;
  index.opened = 5;
  index.closed = 9;
  index.first = entries.front().received;
  index.last = entries.back().received;
  for (std::uint64_t i = 0; i < kEntries; i += kEntriesASealedFrame) {
    put_columns(*writer, std::span(entries).subspan(i, kEntriesASealedFrame), index.digest);
  }
  EXPECT_TRUE(writer->finish_sealed(index));
  EXPECT_TRUE(is_whole(disk)) << findings(disk);
  return described(disk.contents(kDamagedPath), 1, std::move(entries), kEntries);
}

SmallFile file_of_commits(State state) {
  MemoryFileLayer disk;
  Timestamp time = 0;
  SmallFile file;
  file.entries = numbered_entries(0, kEntriesACommit * kCommits);
  {
    auto writer = FileWriter::create(
        kDamagedPath, {.file_id = 1, .org = "acme", .title = "damaged", .opened = 5, .uuid = small_uuid(1)},
        {.layer = &disk, .clock = [&time] { return time; }});
    EXPECT_TRUE(writer);
    for (std::uint64_t i = 0; i < file.entries.size(); i += kEntriesACommit / 2) {
      const auto half = std::span(file.entries).subspan(i, kEntriesACommit / 2);
      EXPECT_TRUE(writer->append(std::vector<EntryView>(half.begin(), half.end())) && writer->flush());
      EXPECT_TRUE(i % kEntriesACommit == 0 || writer->sync());
    }
    time += kNanosecondsPerSecond;
    EXPECT_TRUE(state != State::idle || writer->tick());
    EXPECT_TRUE(state != State::closed || writer->close(9));
  }
  file.bytes = disk.contents(kDamagedPath);
  file.tag = v2::file_tag(small_uuid(1));
  file.frames = frames_of(file.bytes, file.tag);
  // The last commit of an open file is vouched for by nothing yet.
  file.durable = file.entries.size() - (state == State::open ? kEntriesACommit : 0);
  return file;
}

TwoLives::TwoLives(std::size_t torn) {
  MemoryFileLayer disk;
  first.entries = numbered_entries(0, kEntries);
  write_file(disk, 1, first.entries, Until::flushed);
  first = described(disk.contents(kDamagedPath), 1, std::move(first.entries), 0);
  // A part of the frame did not get to the disk.
  const StoredFrame frame = first.data_frames().at(torn);
  std::fill_n(first.bytes.begin() + static_cast<std::ptrdiff_t>(frame.begin + v2::kFrameHeaderBytes), 40, '\0');
  disk.set_contents(kDamagedPath, first.bytes);
  Timestamp time = 0;
  const auto clock = [&time] { return time += 2 * kNanosecondsPerSecond; };
  auto writer = FileWriter::open(kDamagedPath, {.layer = &disk, .clock = clock});
  // The ordinals of what was cut off are not assigned again.
  EXPECT_TRUE(writer && writer->index().count == kEntries);
  second.entries = numbered_entries(0, kEntries);
  for (std::uint64_t i = 0; i < 4; ++i) {
    const auto batch = numbered_entries(500 + kEntriesAFrame * i, kEntriesAFrame);
    EXPECT_TRUE(writer->append(views(batch)) && writer->sync());
    second.entries.insert(second.entries.end(), batch.begin(), batch.end());
  }
  second = described(disk.contents(kDamagedPath), 1, std::move(second.entries), kEntries + 4 * kEntriesAFrame);
  readable = frame.header.first + 4 * kEntriesAFrame;
}

Reading read_damaged(MemoryFileLayer& disk, const std::vector<Entry>& truth, Ordinal from) {
  Reading reading;
  auto reader = FileReader::open(kDamagedPath, {.layer = &disk});
  if (!reader) {
    reading.errors.push_back(std::move(reader.error()));
    return reading;
  }
  reading.opened = true;
  if (from > 0) {
    if (const auto sought = reader->seek(from); !sought) reading.errors.push_back(sought.error());
  }
  // Each error is a place: a reader that stays where it is would not end.
  while (reading.errors.size() < 100) {
    const auto entry = reader->next();
    if (!entry) {
      EXPECT_EQ(entry.error().code, ErrorCode::corrupt) << entry.error().to_string();
      EXPECT_TRUE(entry.error().offset && entry.error().ordinal) << entry.error().to_string();
      reading.errors.push_back(entry.error());
      continue;
    }
    if (!*entry) return reading;
    const Ordinal ordinal = reader->ordinal();
    EXPECT_TRUE(ordinal >= from && (reading.ordinals.empty() || ordinal > reading.ordinals.back()))
        << "entry " << ordinal << " after others behind it";
    EXPECT_TRUE(ordinal < truth.size() && **entry == truth[ordinal].view())
        << "entry " << ordinal << " is not what was written there: " << std::string((*entry)->log_entry);
    reading.ordinals.push_back(ordinal);
    if (testing::Test::HasFailure()) return reading;
  }
  ADD_FAILURE() << "the reader does not get past damage: " << reading.errors.back().to_string();
  return reading;
}

Reading read_damaged(MemoryFileLayer& disk, std::string bytes, const std::vector<Entry>& truth) {
  disk.set_contents(kDamagedPath, std::move(bytes));
  return read_damaged(disk, truth);
}

bool is_whole(MemoryFileLayer& disk) {
  const auto report = verify(kDamagedPath, {.layer = &disk});
  return report && report->whole();
}

std::string findings(MemoryFileLayer& disk, const std::string& path) {
  const auto report = verify(path, {.layer = &disk});
  if (!report) return report.error().to_string();
  std::string text = report->whole() ? "whole" : "";
  for (const Finding& finding : report->findings) text += std::to_string(finding.offset) + ": " + finding.what + "\n";
  return text;
}

void zero(std::string& bytes, const StoredFrame& frame) {
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(frame.begin),
            bytes.begin() + static_cast<std::ptrdiff_t>(frame.end), '\0');
}

void expect_takes_entries(MemoryFileLayer& disk, const std::vector<Entry>& truth) {
  auto writer = FileWriter::open(kDamagedPath, {.layer = &disk});
  ASSERT_TRUE(writer) << writer.error().to_string();
  const Entry added = numbered_entry(1000);
  const auto ordinal = writer->append(added);
  ASSERT_TRUE(ordinal && writer->close());
  // Between the truth and the new entry there may be ordinals that were promised and lost.
  auto extended = truth;
  extended.resize(std::max<std::size_t>(extended.size(), *ordinal + 1));
  extended[*ordinal] = added;
  const Reading after = read_damaged(disk, extended);
  EXPECT_TRUE(after.has(*ordinal)) << "the new entry is not read: " << findings(disk);
}

}  // namespace towl::test
