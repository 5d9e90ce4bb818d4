#include <cassert>
#include <utility>

#include "v2/columns.hpp"
#include "v2/payload.hpp"
#include "v2/text_encoder.hpp"

namespace towl::detail::v2 {
namespace {

// Longer texts are kept as they are: they are dumps and not lines, and would have far too many slots.
constexpr std::size_t kMaxTemplateText = std::size_t{64} << 10;

// Rows of short numbers are kept as they are too: a slot takes more memory than its text, and zstd does well with them.
bool has_too_many(std::span<const TextSlot> slots, std::string_view text) { return slots.size() > 8 + text.size() / 6; }

}  // namespace

struct ColumnEncoder::State {
  explicit State(int zstd_level) : level(zstd_level), sections(zstd_level), columns(sections) {}

  void write_envelope(std::span<const EntryView> entries);
  void write_times(std::span<const EntryView> entries, std::string& directory);
  void write_texts(std::span<const EntryView> entries, bool plain);

  int level;
  SectionWriter sections;
  ColumnWriter columns;
  TextEncoder texts;
  TextEncoder nested;
  NumberPlan plan;
  NumberPlan offset_plan;
  std::vector<std::uint64_t> received;
  std::vector<std::uint64_t> times;  ///< Event times; empty if they are the received ones.
  std::vector<std::uint64_t> numbers;
  std::vector<std::string_view> senders;
  std::vector<TextSlot> slots;
};

ColumnEncoder::ColumnEncoder(int zstd_level) : state_(std::make_unique<State>(zstd_level)) {}
ColumnEncoder::~ColumnEncoder() = default;
ColumnEncoder::ColumnEncoder(ColumnEncoder&&) noexcept = default;
ColumnEncoder& ColumnEncoder::operator=(ColumnEncoder&&) noexcept = default;

void ColumnEncoder::State::write_times(std::span<const EntryView> entries, std::string& directory) {
  received.clear();
  times.clear();
  numbers.clear();
  bool equal = true;
  for (const EntryView& entry : entries) {
    received.push_back(static_cast<std::uint64_t>(entry.received));
    numbers.push_back(static_cast<std::uint64_t>(entry.time_offset));
    equal = equal && entry.time_offset == 0;
  }
  plan.make(received, true);
  plan.write(kFigures, sections, directory);
  if (equal) {
    put_byte(directory, static_cast<unsigned>(EventTimes::received));
    return;
  }
  for (const EntryView& entry : entries) {
    times.push_back(static_cast<std::uint64_t>(entry.time()));
  }
  plan.make(times, true);
  offset_plan.make(numbers, true);
  const bool relative = offset_plan.bytes() <= plan.bytes();
  put_byte(directory, static_cast<unsigned>(relative ? EventTimes::offsets : EventTimes::times));
  (relative ? offset_plan : plan).write(kFigures, sections, directory);
}

void ColumnEncoder::State::write_envelope(std::span<const EntryView> entries) {
  std::string directory;
  write_times(entries, directory);
  numbers.clear();
  for (const EntryView& entry : entries) {
    numbers.push_back(static_cast<std::uint64_t>(static_cast<std::int64_t>(entry.log_format)));
  }
  plan.make(numbers, false);
  plan.write(kFigures, sections, directory);
  senders.clear();
  for (const EntryView& entry : entries) {
    senders.push_back(entry.sender);
  }
  columns.start();
  columns.write(senders, {}, directory);
  sections.lane(kEnvelope) = std::move(directory);
}

void ColumnEncoder::State::write_texts(std::span<const EntryView> entries, bool plain) {
  texts.clear();
  nested.clear();
  const QuotedFields quoted = find_quoted(entries);
  for (const EntryView& entry : entries) {
    const std::string_view text = entry.log_entry;
    if (plain || text.size() > kMaxTemplateText) {
      texts.add_plain(text);
      continue;
    }
    if (!split_json(text, slots)) {
      slots.clear();
      split_text(text, slots, quoted);
    }
    if (has_too_many(slots, text)) {
      texts.add_plain(text);
    } else {
      texts.add(text, slots, &nested);
    }
  }
  std::string directory;
  texts.write({received, times}, sections, columns, directory);
  if (!nested.empty()) {
    nested.write({}, sections, columns, directory);
  }
  sections.lane(kDirectory) = std::move(directory);
}

void ColumnEncoder::encode(std::span<const EntryView> entries, std::string& payload) {
  assert(!entries.empty() && entries.size() <= kMaxFrameEntries);
  std::uint64_t text_bytes = 0;
  std::uint64_t sender_bytes = 0;
  for (const EntryView& entry : entries) {
    text_bytes += entry.log_entry.size();
    sender_bytes += entry.sender.size();
  }
  State& state = *state_;
  for (const bool plain : {false, true}) {
    state.sections.clear();
    state.write_envelope(entries);
    state.write_texts(entries, plain);
    if (state.sections.raw_bytes() <= max_section_bytes(text_bytes + sender_bytes, entries.size())) {
      break;
    }
  }
  put_byte(payload, kPayloadVersion);
  put_varint(payload, text_bytes);
  state.sections.write(payload);
  if (text_bytes + sender_bytes > kMaxKeptFrameBytes) {
    state_ = std::make_unique<State>(state.level);
  }
}

}  // namespace towl::detail::v2
