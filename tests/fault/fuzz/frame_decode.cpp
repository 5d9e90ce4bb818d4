// Any bytes as each of the parts of a file: frames, pages, slots, directory, footer, rows, columns, filters, entries of
// format 1. What is decoded and encoded again decodes to the same.
//
// Input: a byte that says what the rest is; for frames the header's fields; the payload.
#include <algorithm>
#include <optional>
#include <vector>

#include "reseal.hpp"
#include "support.hpp"
#include "v1/entry_codec.hpp"
#include "v1/pages.hpp"
#include "v2/columns.hpp"
#include "v2/footer.hpp"
#include "v2/frame.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/head.hpp"
#include "v2/pages.hpp"
#include "v2/rows.hpp"
#include "v2/token_filter.hpp"

namespace towl::fuzz {
namespace {

using namespace detail::v2;

constexpr std::uint32_t kTag = 0x1234'5678;
constexpr std::uint32_t kMaxRawBytes = 1u
                                       << 20;  // What a zstd frame may unpack to here: a fuzzer has no time for more.

/// The entries' texts are in `texts` if they share a front.
std::vector<EntryView> rows_of(std::string_view rows, std::vector<char>& texts) {
  std::vector<EntryView> entries;
  texts.resize(kMaxRawBytes);
  RowDecoder decoder(rows, texts);
  EntryView entry;
  while (!decoder.done() && entries.size() < kMaxFrameEntries && decoder.next(entry)) entries.push_back(entry);
  return entries;
}

std::uint64_t text_bytes(std::span<const EntryView> entries) {
  std::uint64_t sum = 0;
  for (const EntryView& entry : entries) sum += entry.sender.size() + entry.log_entry.size();
  return sum;
}

// The contexts of zstd are expensive: they are made once.
ColumnEncoder& column_encoder() {
  static ColumnEncoder encoder(1);
  return encoder;
}

void check_columns(std::span<const EntryView> entries) {
  if (entries.empty()) return;
  std::string payload;
  column_encoder().encode(entries, payload);
  ColumnDecoder decoder;
  const auto decoded = decoder.decode(payload, static_cast<std::uint32_t>(entries.size()), text_bytes(entries));
  require(decoded && std::equal(entries.begin(), entries.end(), decoded->begin(), decoded->end()),
          "columns give back what they were made of");
}

void check_rows(std::span<const EntryView> entries) {
  std::string payload;
  RowEncoder encoder;
  for (const EntryView& entry : entries) encoder.encode(entry, payload);
  std::vector<char> texts;
  const auto decoded = rows_of(payload, texts);
  require(std::equal(entries.begin(), entries.end(), decoded.begin(), decoded.end()),
          "rows give back what they were made of");
}

void decode_frame(Input& input, Layout layout, Codec codec) {
  FrameHeader header;
  header.layout = layout;
  header.codec = codec;
  header.count = static_cast<std::uint32_t>(input.take(2)) + 1;
  header.first = input.byte();
  header.text_bytes = static_cast<std::uint32_t>(input.take(3)) % kMaxRawBytes;
  header.raw_bytes = static_cast<std::uint32_t>(input.take(3)) % kMaxRawBytes;
  const unsigned wanted = input.byte();
  const std::string payload(input.rest());
  header.stored_bytes = static_cast<std::uint32_t>(payload.size());
  if (codec == Codec::raw) header.raw_bytes = header.stored_bytes;
  if (layout == Layout::rows && codec == Codec::raw && wanted % 2 == 0) {
    std::vector<char> texts;
    const auto rows = rows_of(payload, texts);
    header.count = std::max(static_cast<std::uint32_t>(rows.size()), 1u);
    header.text_bytes = static_cast<std::uint32_t>(text_bytes(rows));
  }
  FrameDecoder decoder;
  EntryView entry;
  const Wanted parts{(wanted & 2) == 0, (wanted & 4) == 0, (wanted & 8) == 0, (wanted & 16) == 0};
  if (decoder.begin(header, payload, parts)) {
    std::uint32_t count = 0;
    for (;;) {
      const auto more = decoder.next(entry);
      if (!more || !*more) break;
      ++count;
    }
    require(count <= header.count, "a frame has no more entries than its header says");
  }
  // The same decoder again, from the middle.
  const Ordinal middle = header.first + header.count / 2;
  if (decoder.begin(header, payload) && decoder.skip_to(middle)) {
    const auto more = decoder.next(entry);
    require(!more || !*more || decoder.next_ordinal() > middle, "skipping gets there");
  }
}

void decode_columns(Input& input) {
  const auto count = static_cast<std::uint32_t>(input.take(2)) + 1;
  const std::uint64_t raw_bytes = input.take(3) % kMaxRawBytes;
  const std::string payload(input.rest());
  ColumnDecoder decoder;
  const auto entries = decoder.decode(payload, count, raw_bytes);
  ColumnDecoder partial;
  const auto texts = partial.decode(payload, count, raw_bytes, {.sender = false, .received = false, .time = false});
  if (entries) {
    require(entries->size() == count, "as many entries as the header says");
    require(text_bytes(*entries) == raw_bytes, "as many bytes as the header says");
    require(texts.has_value(), "what decodes as a whole decodes in part");
    for (std::size_t i = 0; i < count; ++i) {
      require((*texts)[i].log_entry == (*entries)[i].log_entry, "a part is that of the whole");
    }
    if (count < 2000 && raw_bytes < 65536) check_columns(*entries);
  }
  (void)partial.decode(payload, count, raw_bytes, {.text = false});
}

void decode_entry_rows(Input& input) {
  const std::string payload(input.rest());
  std::vector<char> texts;
  const auto entries = rows_of(payload, texts);
  check_rows(entries);
  if (payload.size() < 65536) check_columns(entries);
}

// Lines as texts: what column codecs look at is in texts.
void encode_lines(Input& input) {
  const unsigned how = input.byte();
  std::vector<EntryView> entries;
  Timestamp time = static_cast<Timestamp>(input.take(8));
  const std::string text(input.rest());
  for (std::string_view left = text; !left.empty() && entries.size() < 2000;) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    const auto format = how % 2 == 0 ? LogFormat::text : LogFormat::journal_json;
    const std::string_view sender = how % 4 < 2 ? std::string_view("host") : line.substr(0, line.size() % 5);
    const std::int64_t time_offset = how % 8 < 4 ? 0 : time_offset_of(time, time / 1000 * 1000);
    entries.push_back({sender, time, format, line, time_offset});
    time = static_cast<Timestamp>(static_cast<std::uint64_t>(time) * (how & 16 ? 3 : 1) + line.size());
  }
  check_columns(entries);
  check_rows(entries);
}

void decode_slot_bytes(Input& input) {
  std::string bytes(input.rest());
  bytes.resize(kSlotBytes);
  reseal_slot(bytes.data(), kTag);
  const auto slot = decode_slot(bytes, kTag);
  if (!slot) return;
  const auto again = decode_slot(encode_slot(*slot, kTag), kTag);
  require(again && again->index.digest == slot->index.digest && again->points == slot->points &&
              again->data_end == slot->data_end && again->index.closed == slot->index.closed,
          "a slot is encoded as it was decoded");
  SkipPoints points(slot->points);
  points.add({slot->index.count, slot->data_end});
  require(points.points().size() <= kSlotPoints, "a slot has room for its points");
}

void decode_footer_bytes(Input& input) {
  std::string bytes(input.rest());
  if (bytes.size() >= kSlotBytes) reseal_slot(bytes.data(), kTag);
  const auto footer = decode_footer(bytes, kTag);
  if (footer) (void)encode_footer(*footer, kTag);
}

void decode_directory_bytes(Input& input) {
  const std::string bytes(input.rest());
  const auto directory = decode_directory(bytes);
  if (directory) require(encode_directory(*directory) == bytes, "a directory is encoded as it was decoded");
}

void decode_pages(Input& input) {
  std::string page(input.rest());
  page.resize(kPageBytes);
  page.replace(0, kMagic.size(), kMagic);
  reseal_header_page(page.data());
  const auto decoded = decode_header_page(page);
  if (decoded) {
    const auto encoded = encode_header_page(*decoded);
    const auto again = encoded ? decode_header_page(*encoded) : decoded;
    require(again && again->header == decoded->header && again->created == decoded->created,
            "a header page is encoded as it was decoded");
  }
  page.replace(0, 9, "towlfile*");
  if (detail::v1::decode_header_page(page)) (void)detail::v1::header_padding_error(page);
  page.erase(0, 9);
  page.resize(kPageBytes);
  if (detail::v1::decode_index_page(page)) (void)detail::v1::index_padding_error(page);
}

void decode_whole_frame(Input& input) {
  std::string bytes(input.rest());
  if (bytes.size() >= kFrameHeaderBytes) {
    // Once as it is, then with checksums that fit.
    FrameHeader header;
    (void)read_frame_header(bytes, kTag, header);
    bytes.replace(0, 4, "TWLF");
    bytes.replace(80, 4, std::string("\x78\x56\x34\x12", 4));
    (void)relink_frame(bytes.data(), {.durable = ~std::uint64_t{0}}, kTag);
  }
  FrameHeader header;
  if (read_frame_header(bytes, kTag, header) != FrameFound::frame) return;
  (void)check_payload(bytes, header);
  std::string again;
  if (header.bytes() <= bytes.size()) {
    (void)check_positions(bytes, header);
    append_frame(header, payload_of(bytes, header), again, positions_of(bytes, header));
    FrameHeader read;
    require(
        read_frame_header(again, kTag, read) == FrameFound::frame && check_payload(again, read) == FrameFound::frame,
        "a frame is encoded as it was decoded");
    header.header_checksum = read.header_checksum;
    header.payload_checksum = read.payload_checksum;
    header.positions_checksum = read.positions_checksum;
    header.positions_bytes = read.positions_bytes;  // Zeros in their place need not be kept.
    require(read == header, "a frame's header is encoded as it was decoded");
  }
}

void decode_v1_entries(Input& input) {
  const std::string bytes(input.rest());
  std::string_view left = bytes;
  detail::v1::EntryDecoder decoder(4096);
  EntryView entry;
  while (!left.empty()) {
    const auto decoded = decoder.decode(left, entry);
    if (decoded.found != detail::v1::Found::entry) break;
    require(decoded.bytes > 0 && decoded.bytes <= left.size(), "an entry is within its bytes");
    std::string again;
    detail::v1::encode_entry(entry, again);
    EntryView same;
    require(detail::v1::decode_entry(again, same).found == detail::v1::Found::entry && same == entry,
            "an entry is encoded as it was decoded");
    left.remove_prefix(decoded.bytes);
  }
}

void use_filter(Input& input) {
  const FilterToken any{input.take(8), static_cast<TokenKind>(input.take(1) % kTokenKinds),
                        static_cast<std::size_t>(input.take(1))};
  const std::size_t most_bytes = static_cast<std::size_t>(input.take(2));
  const std::string bytes(input.rest());
  (void)may_hold(bytes, any);
  TokenFilterBuilder builder;
  builder.add(EntryView{"", 0, LogFormat::text, bytes});
  const std::string filter = builder.finish(most_bytes);
  each_token(bytes, [&](std::string_view token) {
    require(may_hold(filter, filter_token(token)), "filters pass over nothing");
  });
}

// A signed head that is taken is written as the same, and its tree can be gone on with.
void decode_head_bytes(Input& input) {
  const std::string_view payload = input.rest();
  auto head = decode_head(payload);
  if (!head) return;
  require(encode_head(*head) == payload, "a head is written as it was read");
  require(head->tree.count() == head->head.count && head->tree.root() == head->head.root,
          "a head has the root of its tree");
  head->tree.add_lost(1000);
  head->tree.add(EntryView{"sender", 1, LogFormat::text, "text"});
  require(head->tree.count() == head->head.count + 1001, "a tree counts what is added");
}

}  // namespace
}  // namespace towl::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace towl::fuzz;
  Input input(data, size);
  switch (input.byte() % 14) {
    case 0:
      decode_frame(input, Layout::rows, Codec::raw);
      break;
    case 1:
      decode_frame(input, Layout::rows, Codec::zstd);
      break;
    case 2:
      decode_frame(input, Layout::columns, Codec::raw);
      break;
    case 3:
      decode_columns(input);
      break;
    case 4:
      decode_slot_bytes(input);
      break;
    case 5:
      decode_directory_bytes(input);
      break;
    case 6:
      decode_footer_bytes(input);
      break;
    case 7:
      decode_pages(input);
      break;
    case 8:
      decode_entry_rows(input);
      break;
    case 9:
      decode_whole_frame(input);
      break;
    case 10:
      use_filter(input);
      break;
    case 11:
      decode_v1_entries(input);
      break;
    case 12:
      encode_lines(input);
      break;
    default:
      decode_head_bytes(input);
      break;
  }
  return 0;
}
