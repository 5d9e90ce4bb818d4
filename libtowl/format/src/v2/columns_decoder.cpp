#include <algorithm>
#include <utility>
#include <vector>

#include "towl/limits.hpp"
#include "v2/columns.hpp"
#include "v2/payload.hpp"
#include "v2/sealed_frame.hpp"
#include "v2/text_decoder.hpp"

namespace towl::detail::v2 {

struct ColumnDecoder::State : TimeSource, FrameEntries {
  Result<void> begin(std::string_view payload, std::uint32_t entry_count, std::uint64_t raw_bytes, Wanted parts);
  bool read_received();
  bool read_times();
  const EntryTimes* entry_times() override;
  bool read_formats(const NumberRun& run);
  std::span<const EntryView> frame_entries() override;
  bool read_senders(const Column& column, std::uint64_t bytes);
  bool read_directory(std::uint64_t bytes);
  bool read_texts(std::uint64_t bytes);
  void make_room(std::uint64_t bytes);

  SectionReader sections;
  ColumnReader columns{sections};
  TextDecoder texts{sections, columns};
  TextDecoder nested{sections, columns};
  std::vector<EntryView> entries;
  std::vector<std::uint64_t> received;
  std::vector<std::uint64_t> times;  ///< Event times, if they are not the received ones.
  // How the envelope stores times, which are read when they are needed.
  NumberRun received_run;
  NumberRun times_run;
  EventTimes times_kind = EventTimes::received;
  std::uint32_t count = 0;
  Wanted wanted;
  std::optional<LogFormat> format;  ///< Of all entries; if they differ, their numbers are in `numbers`.
  bool has_entries = false;
  bool has_received = false;
  bool has_times = false;
  EntryTimes all_times;
  std::uint64_t text_bytes = 0;
  std::vector<std::uint64_t> numbers;
  std::vector<Ref> refs;
  std::unique_ptr<char[]> out;
  std::size_t out_bytes = 0;
  char* to = nullptr;                 ///< Where the next text goes in `out`.
  std::size_t built = 0;              ///< So many entries have their texts, or were skipped.
  std::uint64_t largest = 0;          ///< The most bytes of a frame so far.
  std::vector<std::uint64_t> chosen;  ///< With a sieve: whose texts are put together …
  std::size_t chosen_end = 0;         ///< … none of which is this entry or a later one.
};

ColumnDecoder::ColumnDecoder() : state_(std::make_unique<State>()) {}
ColumnDecoder::~ColumnDecoder() = default;
ColumnDecoder::ColumnDecoder(ColumnDecoder&&) noexcept = default;
ColumnDecoder& ColumnDecoder::operator=(ColumnDecoder&&) noexcept = default;

bool ColumnDecoder::State::read_received() {
  if (has_received) return true;
  received.resize(count);
  if (!read_numbers(received_run, count, sections, received.data())) {
    return false;
  }
  has_received = true;
  return true;
}

bool ColumnDecoder::State::read_times() {
  if (has_times) return true;
  if (!read_received()) return false;
  all_times = {received, received};
  if (times_kind != EventTimes::received) {
    times.resize(count);
    if (!read_numbers(times_run, count, sections, times.data())) {
      return false;
    }
    for (std::size_t i = 0; times_kind == EventTimes::offsets && i < count; ++i) {
      times[i] += received[i];
    }
    all_times.event = times;
  }
  has_times = true;
  return true;
}

const EntryTimes* ColumnDecoder::State::entry_times() { return read_times() ? &all_times : nullptr; }

bool ColumnDecoder::State::read_formats(const NumberRun& run) {
  const auto is_format = [](std::uint64_t number) {
    const auto value = static_cast<std::int32_t>(static_cast<std::uint32_t>(number));
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value)) == number;
  };
  const auto format_of = [](std::uint64_t number) {
    return LogFormat{static_cast<std::int32_t>(static_cast<std::uint32_t>(number))};
  };
  format.reset();
  if (run.form.width == 0) {
    format = format_of(run.form.first);
    return is_format(run.form.first);
  }
  return read_numbers(run, count, sections, numbers.data()) &&
         std::all_of(numbers.begin(), numbers.begin() + count, is_format);
}

// Times and senders were read, as far as they are wanted.
std::span<const EntryView> ColumnDecoder::State::frame_entries() {
  if (has_entries) return entries;
  has_entries = true;
  EntryView model;
  model.log_format = format.value_or(LogFormat::text);
  entries.assign(count, model);
  for (std::size_t i = 0; !format && i < count; ++i) {
    entries[i].log_format = LogFormat{static_cast<std::int32_t>(static_cast<std::uint32_t>(numbers[i]))};
  }
  for (std::size_t i = 0; (wanted.received || wanted.time) && i < count; ++i) {
    entries[i].received = static_cast<Timestamp>(received[i]);
  }
  for (std::size_t i = 0; wanted.time && times_kind != EventTimes::received && i < count; ++i) {
    entries[i].set_time(static_cast<Timestamp>(times[i]));
  }
  const char* const arena = sections.arena();
  for (std::size_t i = 0; wanted.sender && i < count; ++i) entries[i].sender = {arena + refs[i].offset, refs[i].bytes};
  return entries;
}

bool ColumnDecoder::State::read_senders(const Column& column, std::uint64_t bytes) {
  refs.resize(count);
  std::uint64_t sum = 0;
  return !column.base && !(has_places(column) && column.places.key_column()) &&
         columns.read(column, {}, refs.data(), sum) && sum == bytes;
}

bool ColumnDecoder::State::read_directory(std::uint64_t bytes) {
  const std::optional<Part> part = sections.take_rest(kDirectory);
  const char* at = sections.bytes(*part);
  if (at == nullptr) {
    return false;
  }
  ByteReader directory({at, part->bytes});
  std::uint64_t values_left = bytes / 2 + count;
  if (!texts.read_directory(directory, count, true, values_left) || texts.nested() > bytes / 8) {
    return false;
  }
  const auto inner = static_cast<std::uint32_t>(texts.nested());
  if (inner != 0 && !nested.read_directory(directory, inner, false, values_left)) {
    return false;
  }
  texts.start(this);
  if (inner != 0) nested.start(nullptr);
  return directory.at_end();
}

void ColumnDecoder::State::make_room(std::uint64_t bytes) {
  if (out_bytes < bytes + kSlack) {
    out.reset();
    out = std::make_unique_for_overwrite<char[]>(bytes + kSlack);
    out_bytes = bytes + kSlack;
  }
  to = out.get();
  built = 0;
}

// After read_directory().
bool ColumnDecoder::State::read_texts(std::uint64_t bytes) {
  std::uint64_t sum = 0;
  if (!texts.read_values(sum) || (texts.nested() != 0 && !nested.read_values(sum)) || sum != bytes) {
    return false;
  }
  make_room(bytes);
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

namespace {

tl::unexpected<Error> corrupt(const char* what) { return fail(ErrorCode::corrupt, what); }

}  // namespace

Result<void> ColumnDecoder::begin(std::string_view payload, std::uint32_t count, std::uint64_t raw_bytes,
                                  Wanted wanted) {
  if (state_->largest > kMaxKeptFrameBytes && raw_bytes <= kMaxKeptFrameBytes) {
    state_ = std::make_unique<State>();
  }
  State& state = *state_;
  if (auto begun = state.begin(payload, count, raw_bytes, wanted); !begun) {
    return begun;
  }
  state.frame_entries();
  if (!wanted.text) {
    return {};
  }
  // What texts are relative to is checked, even if it is not needed.
  if (!state.read_times()) {
    return corrupt("a frame's times or formats are damaged");
  }
  if (!state.read_directory(state.text_bytes) || !state.read_texts(state.text_bytes)) {
    return corrupt("a frame's texts are damaged");
  }
  if (wanted.sender && wanted.time && !state.sections.all_taken()) {
    return corrupt("a frame has bytes that nothing refers to");
  }
  return {};
}

Result<bool> ColumnDecoder::begin_sifted(std::string_view payload, std::uint32_t count, std::uint64_t raw_bytes,
                                         Wanted wanted, Ordinal first, FrameSieve& sieve) {
  if (state_->largest > kMaxKeptFrameBytes && raw_bytes <= kMaxKeptFrameBytes) {
    state_ = std::make_unique<State>();
  }
  State& state = *state_;
  if (auto begun = state.begin(payload, count, raw_bytes, wanted); !begun) {
    return fail(std::move(begun.error()));
  }
  if (!state.read_directory(state.text_bytes)) {
    return corrupt("a frame's texts are damaged");
  }
  SealedFrame frame(first, count, state.format, state, state.texts, state.nested);
  const FrameSieve::Texts texts = sieve.sift(frame, state.chosen);
  if (texts == FrameSieve::Texts::none) {
    return false;
  }
  state.frame_entries();
  if (texts == FrameSieve::Texts::some) {
    state.chosen.resize((count + 63) / 64);
    const auto last =
        std::find_if(state.chosen.rbegin(), state.chosen.rend(), [](std::uint64_t bits) { return bits != 0; });
    state.chosen_end = static_cast<std::size_t>(state.chosen.rend() - last) * 64;
    state.make_room(state.text_bytes);
    return true;
  }
  state.chosen.clear();
  if (!state.read_texts(state.text_bytes)) {
    return corrupt("a frame's texts are damaged");
  }
  return true;
}

Result<std::span<const EntryView>> ColumnDecoder::build_chosen(std::uint32_t end) {
  State& state = *state_;
  if (state.chosen.empty()) {
    return build(end);
  }
  const char* const last = state.out.get() + state.text_bytes;
  // After the last one there is no need to skip the rest.
  for (; state.built < std::min<std::size_t>(end, state.chosen_end); ++state.built) {
    if ((state.chosen[state.built / 64] >> (state.built % 64) & 1) == 0) {
      state.texts.pass(&state.nested);
      continue;
    }
    char* const text_end = state.texts.next_checked(state.to, last, &state.nested);
    if (text_end == nullptr) {
      return corrupt("a frame's texts are damaged");
    }
    state.entries[state.built].log_entry = {state.to, static_cast<std::size_t>(text_end - state.to)};
    state.to = text_end;
  }
  state.built = std::max<std::size_t>(state.built, end);
  return state.entries;
}

Result<void> ColumnDecoder::State::begin(std::string_view payload, std::uint32_t entry_count, std::uint64_t raw_bytes,
                                         Wanted parts) {
  State& state = *this;
  count = entry_count;
  wanted = parts;
  state.largest = std::max(state.largest, raw_bytes);
  ByteReader reader(payload);
  if (const unsigned version = reader.byte(); reader.ok() && version != kPayloadVersion) {
    return fail(ErrorCode::unsupported_version, "sealed entries of payload version " + std::to_string(version) +
                                                    ", and this program reads " + std::to_string(kPayloadVersion) +
                                                    ": use the program that sealed the file");
  }
  state.text_bytes = reader.varint_up_to(raw_bytes);
  if (!reader.ok() || count == 0 || count > kMaxFrameEntries) {
    return corrupt("a frame's counts are damaged");
  }
  if (!state.sections.open(reader.rest(), max_section_bytes(raw_bytes, count), raw_bytes)) {
    return corrupt("a frame's table of sections is damaged");
  }
  state.columns.start(raw_bytes);
  state.has_entries = false;
  state.built = count;
  state.numbers.resize(count);

  const std::optional<Part> part = state.sections.take_rest(kEnvelope);
  const char* at = state.sections.bytes(*part);
  ByteReader envelope(at == nullptr ? std::string_view() : std::string_view(at, part->bytes));
  const std::optional<NumberRun> received_form = read_number_run(envelope, count, state.sections);
  state.times_kind = static_cast<EventTimes>(envelope.byte());
  std::optional<NumberRun> times_form = received_form;
  if (received_form && state.times_kind != EventTimes::received) {
    times_form = state.times_kind <= EventTimes::times ? read_number_run(envelope, count, state.sections)
                                                       : std::optional<NumberRun>();
  }
  const std::optional<NumberRun> formats =
      times_form ? read_number_run(envelope, count, state.sections) : std::optional<NumberRun>();
  const std::optional<Column> senders =
      formats ? read_column(envelope, count, state.sections) : std::optional<Column>();
  if (!senders || !envelope.at_end()) {
    return corrupt("a frame's envelope is damaged");
  }
  state.received_run = *received_form;
  state.times_run = *times_form;
  state.has_received = state.has_times = false;
  if (((wanted.received || wanted.time) && !state.read_received()) || (wanted.time && !state.read_times()) ||
      !state.read_formats(*formats)) {
    return corrupt("a frame's times or formats are damaged");
  }
  if (wanted.sender && !state.read_senders(*senders, raw_bytes - state.text_bytes)) {
    return corrupt("a frame's senders are damaged");
  }
  return {};
}

}  // namespace towl::detail::v2
