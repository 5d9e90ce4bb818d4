#include <algorithm>
#include <utility>
#include <vector>

#include "towl/limits.hpp"
#include "v2/columns.hpp"
#include "v2/payload.hpp"
#include "v2/text_decoder.hpp"

namespace towl::detail::v2 {

struct ColumnDecoder::State {
  bool read_received(const NumberRun& run, bool wanted);
  bool read_times(EventTimes kind, const NumberRun& run, bool wanted);
  bool read_formats(const NumberRun& run);
  bool read_senders(const Column& column, std::uint64_t bytes);
  bool read_texts(std::uint64_t bytes);

  SectionReader sections;
  ColumnReader columns{sections};
  TextDecoder texts{sections, columns};
  TextDecoder nested{sections, columns};
  std::vector<EntryView> entries;
  std::vector<std::uint64_t> received;
  std::vector<std::uint64_t> times;  ///< Event times, where they are not the received ones.
  EntryTimes entry_times;
  std::vector<std::uint64_t> numbers;
  std::vector<Ref> refs;
  std::unique_ptr<char[]> out;
  std::size_t out_bytes = 0;
  char* to = nullptr;         ///< Where the next text goes in `out`.
  std::size_t built = 0;      ///< So many entries have their texts, or were passed over.
  std::uint64_t largest = 0;  ///< The most bytes of a frame so far.
};

ColumnDecoder::ColumnDecoder() : state_(std::make_unique<State>()) {}
ColumnDecoder::~ColumnDecoder() = default;
ColumnDecoder::ColumnDecoder(ColumnDecoder&&) noexcept = default;
ColumnDecoder& ColumnDecoder::operator=(ColumnDecoder&&) noexcept = default;

bool ColumnDecoder::State::read_received(const NumberRun& run, bool wanted) {
  received.resize(entries.size());
  if (!read_numbers(run, entries.size(), sections, received.data())) {
    return false;
  }
  for (std::size_t i = 0; wanted && i < entries.size(); ++i) {
    entries[i].received = static_cast<Timestamp>(received[i]);
  }
  entry_times = {received, received};
  return true;
}

// After read_received().
bool ColumnDecoder::State::read_times(EventTimes kind, const NumberRun& run, bool wanted) {
  if (kind == EventTimes::received) {
    return true;
  }
  times.resize(entries.size());
  if (!read_numbers(run, entries.size(), sections, times.data())) {
    return false;
  }
  for (std::size_t i = 0; kind == EventTimes::offsets && i < entries.size(); ++i) {
    times[i] += received[i];
  }
  for (std::size_t i = 0; wanted && i < entries.size(); ++i) {
    entries[i].set_time(static_cast<Timestamp>(times[i]));
  }
  entry_times.event = times;
  return true;
}

bool ColumnDecoder::State::read_formats(const NumberRun& run) {
  if (!read_numbers(run, entries.size(), sections, numbers.data())) {
    return false;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto format = static_cast<std::int32_t>(static_cast<std::uint32_t>(numbers[i]));
    if (static_cast<std::uint64_t>(static_cast<std::int64_t>(format)) != numbers[i]) {
      return false;
    }
    entries[i].log_format = LogFormat{format};
  }
  return true;
}

bool ColumnDecoder::State::read_senders(const Column& column, std::uint64_t bytes) {
  refs.resize(entries.size());
  std::uint64_t sum = 0;
  if (column.base || (has_places(column) && column.places.key_column()) ||
      !columns.read(column, {}, refs.data(), sum) || sum != bytes) {
    return false;
  }
  const char* const arena = sections.arena();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].sender = {arena + refs[i].offset, refs[i].bytes};
  }
  return true;
}

bool ColumnDecoder::State::read_texts(std::uint64_t bytes) {
  const std::optional<Part> part = sections.take_rest(kDirectory);
  const char* at = sections.bytes(*part);
  if (at == nullptr) {
    return false;
  }
  ByteReader directory({at, part->bytes});
  const auto count = static_cast<std::uint32_t>(entries.size());
  std::uint64_t values_left = bytes / 2 + count;
  if (!texts.read_directory(directory, count, true, values_left) || texts.nested() > bytes / 8) {
    return false;
  }
  const auto inner = static_cast<std::uint32_t>(texts.nested());
  if (inner != 0 && !nested.read_directory(directory, inner, false, values_left)) {
    return false;
  }
  std::uint64_t sum = 0;
  if (!directory.at_end() || !texts.read_values(entry_times, sum) || (inner != 0 && !nested.read_values({}, sum)) ||
      sum != bytes) {
    return false;
  }
  if (out_bytes < bytes + kSlack) {
    out.reset();
    out = std::make_unique_for_overwrite<char[]>(bytes + kSlack);
    out_bytes = bytes + kSlack;
  }
  to = out.get();
  built = 0;
  return true;
}

Result<std::span<const EntryView>> ColumnDecoder::decode(std::string_view payload, std::uint32_t count,
                                                         std::uint64_t raw_bytes, Wanted wanted) {
  if (auto begun = begin(payload, count, raw_bytes, wanted); !begun) {
    return fail(std::move(begun.error()));
  }
  return build(count);
}

std::span<const EntryView> ColumnDecoder::build(std::uint32_t end) {
  State& state = *state_;
  for (; state.built < end; ++state.built) {
    char* const text_end = state.texts.next(state.to, &state.nested);
    state.entries[state.built].log_entry = {state.to, static_cast<std::size_t>(text_end - state.to)};
    state.to = text_end;
  }
  return state.entries;
}

void ColumnDecoder::pass(std::uint32_t end) {
  State& state = *state_;
  for (; state.built < end; ++state.built) {
    state.texts.pass(&state.nested);
  }
}

Result<void> ColumnDecoder::begin(std::string_view payload, std::uint32_t count, std::uint64_t raw_bytes,
                                  Wanted wanted) {
  if (state_->largest > kMaxKeptFrameBytes && raw_bytes <= kMaxKeptFrameBytes) {
    state_ = std::make_unique<State>();
  }
  State& state = *state_;
  state.largest = std::max(state.largest, raw_bytes);
  const auto corrupt = [](const char* what) { return fail(ErrorCode::corrupt, what); };
  ByteReader reader(payload);
  if (const unsigned version = reader.byte(); reader.ok() && version != kPayloadVersion) {
    return fail(ErrorCode::unsupported_version, "sealed entries of payload version " + std::to_string(version) +
                                                    ", and this program reads " + std::to_string(kPayloadVersion) +
                                                    ": use the program that sealed the file");
  }
  const std::uint64_t text_bytes = reader.varint_up_to(raw_bytes);
  if (!reader.ok() || count == 0 || count > kMaxFrameEntries) {
    return corrupt("a frame's counts are damaged");
  }
  if (!state.sections.open(reader.rest(), max_section_bytes(raw_bytes, count), raw_bytes)) {
    return corrupt("a frame's table of sections is damaged");
  }
  state.columns.start(raw_bytes);
  state.entries.assign(count, {});
  state.built = count;
  state.numbers.resize(count);

  const std::optional<Part> part = state.sections.take_rest(kEnvelope);
  const char* at = state.sections.bytes(*part);
  ByteReader envelope(at == nullptr ? std::string_view() : std::string_view(at, part->bytes));
  const std::optional<NumberRun> received = read_number_run(envelope, count, state.sections);
  const auto kind = static_cast<EventTimes>(envelope.byte());
  std::optional<NumberRun> times = received;
  if (received && kind != EventTimes::received) {
    times = kind <= EventTimes::times ? read_number_run(envelope, count, state.sections) : std::optional<NumberRun>();
  }
  const std::optional<NumberRun> formats =
      times ? read_number_run(envelope, count, state.sections) : std::optional<NumberRun>();
  const std::optional<Column> senders =
      formats ? read_column(envelope, count, state.sections) : std::optional<Column>();
  if (!senders || !envelope.at_end()) {
    return corrupt("a frame's envelope is damaged");
  }
  // Texts may be relative to times.
  const bool wants_times = wanted.received || wanted.time;
  if (((wants_times || wanted.text) && !state.read_received(*received, wants_times)) ||
      ((wanted.time || wanted.text) && !state.read_times(kind, *times, wanted.time)) || !state.read_formats(*formats)) {
    return corrupt("a frame's times or formats are damaged");
  }
  if (wanted.sender && !state.read_senders(*senders, raw_bytes - text_bytes)) {
    return corrupt("a frame's senders are damaged");
  }
  if (wanted.text && !state.read_texts(text_bytes)) {
    return corrupt("a frame's texts are damaged");
  }
  if (wanted.sender && wanted.time && wanted.text && !state.sections.all_taken()) {
    return corrupt("a frame has bytes that nothing refers to");
  }
  return {};
}

}  // namespace towl::detail::v2
