// Writes the seeds of the corpus: make_corpus FOLDER. The same ones each time; what fuzzers found is left as it is.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bytes.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"
#include "v1/entry_codec.hpp"
#include "v2/columns.hpp"
#include "v2/footer.hpp"
#include "v2/frame.hpp"
#include "v2/positions.hpp"
#include "v2/rows.hpp"
#include "v2/zstd.hpp"

namespace {

using namespace towl;
using namespace towl::detail::v2;
namespace fs = std::filesystem;

constexpr const char* kPath = "/1.towl";
constexpr Timestamp kStart = 1'768'660'200'000'000'000;

fs::path corpus;

void save(const std::string& target, const std::string& name, const std::string& bytes) {
  fs::create_directories(corpus / target);
  std::ofstream(corpus / target / name, std::ios::binary) << bytes;
}

// Of all shapes that columns know: numbers, clocks, hexadecimal, JSON, few values, nothing.
Entry entry(std::uint64_t number) {
  const std::string n = std::to_string(number);
  std::string text;
  switch (number % 6) {
    case 0:
      text = "sshd[" + std::to_string(1000 + number * 17) + "]: Accepted publickey for root from 10.0.0." + n;
      break;
    case 1:
      text = "2026-01-17 14:30:" + std::to_string(10 + number % 50) + ".123 INFO GET /index/" + n + " 200";
      break;
    case 2:
      text = R"({"MESSAGE":"entry )" + n + R"(","PRIORITY":"6","_PID":")" + n + R"("})";
      break;
    case 3:
      text = "block blk_0x" + std::to_string(number * 0x9E3779B1) + " of deadbeef" + n + " received";
      break;
    case 4:
      text = "";
      break;
    default:
      text = "temperature=" + n + ".5 state=" + (number % 4 == 1 ? "on" : "off");
      break;
  }
  const auto format = number % 6 == 2 ? LogFormat::journal_json : LogFormat::text;
  const std::int64_t time_offset = number % 4 == 3 ? -static_cast<std::int64_t>(number * 7'001'000) : 0;
  return {"host-" + std::to_string(number % 3), kStart + static_cast<Timestamp>(number * 1'001'000'000), format, text,
          time_offset};
}

std::vector<Entry> entries(std::uint64_t count) {
  std::vector<Entry> all;
  for (std::uint64_t i = 0; i < count; ++i) all.push_back(entry(i));
  return all;
}

struct Shape {
  FileFormat format = FileFormat::v2;
  std::uint64_t count = 0;
  std::uint64_t batch = 4;
  bool close = false;
  bool seal = false;
};

std::string file_of(const Shape& shape) {
  MemoryFileLayer layer;
  Timestamp clock = kStart;
  auto writer =
      FileWriter::create(kPath,
                         {.file_id = 1,
                          .org = "acme",
                          .title = "syslog",
                          .opened = kStart,
                          .format = shape.format,
                          .uuid = Uuid{1, 2, 3, 4}},
                         {.layer = &layer, .compress = true, .clock = [&clock] { return clock += 700'000'000; }});
  if (!writer) std::abort();
  for (std::uint64_t i = 0; i < shape.count; ++i) {
    (void)writer->append(entry(i));
    if (i % shape.batch == shape.batch - 1) (void)writer->flush();
    if (i % (3 * shape.batch) == shape.batch - 1) (void)writer->sync();
  }
  if (shape.close) {
    (void)writer->close(kStart + 1);
    if (shape.seal && !seal(kPath, {.layer = &layer})) std::abort();
  } else {
    (void)writer->flush();
  }
  return layer.contents(kPath);
}

std::string repaired(std::string file, std::size_t damaged_at) {
  MemoryFileLayer layer;
  file[damaged_at] = static_cast<char>(file[damaged_at] ^ 1);
  layer.set_contents(kPath, std::move(file));
  if (!repair(kPath, {.layer = &layer})) std::abort();
  return layer.contents(kPath);
}

void save_file(const std::string& name, const std::string& bytes) {
  save("open_read", name, bytes);
  save("verify_repair", name, bytes);
  if (name.starts_with("v2")) save("receive", name, bytes);
}

void make_files() {
  save_file("v1_open", file_of({.format = FileFormat::v1, .count = 12}));
  save_file("v1_closed", file_of({.format = FileFormat::v1, .count = 6, .close = true}));
  save_file("v2_empty", file_of({}));
  save_file("v2_open", file_of({.count = 12}));
  save_file("v2_open_zstd", file_of({.count = 90, .batch = 45}));
  save_file("v2_closed", file_of({.count = 10, .close = true}));
  save_file("v2_closed_empty", file_of({.close = true}));
  save_file("v2_sealed", file_of({.count = 60, .batch = 10, .close = true, .seal = true}));
  save_file("v2_sealed_empty", file_of({.close = true, .seal = true}));
  std::string torn = file_of({.count = 10});
  save_file("v2_torn", torn.substr(0, torn.size() - 20));
  const std::string gap = repaired(file_of({.count = 16, .close = true}), kDataOffset + kFrameHeaderBytes + 4);
  save_file("v2_gap", gap);
  MemoryFileLayer layer;
  layer.set_contents(kPath, gap);
  if (seal(kPath, {.layer = &layer})) save_file("v2_sealed_gap", layer.contents(kPath));
}

std::string number(std::uint64_t value, std::size_t bytes) {
  char buffer[8];
  detail::store_little_endian(buffer, value);
  return {buffer, bytes};
}

void make_parts() {
  const std::string target = "frame_decode";
  for (const std::uint64_t count : {1U, 5U, 60U}) {
    const auto all = entries(count);
    const std::vector<EntryView> views(all.begin(), all.end());
    std::string rows;
    RowEncoder encoder;
    std::uint64_t text_bytes = 0;
    for (const EntryView& view : views) {
      encoder.encode(view, rows);
      text_bytes += view.sender.size() + view.log_entry.size();
    }
    std::string zstd;
    Compressor(3).compress(rows, zstd);
    std::string columns;
    ColumnEncoder().encode(views, columns);
    const auto frame = [&](char kind, const std::string& payload) {
      return kind + number(count - 1, 2) + '\0' + number(text_bytes, 3) + number(rows.size(), 3) + '\0' + payload;
    };
    const std::string n = std::to_string(count);
    save(target, "rows_raw_" + n, frame(0, rows));
    save(target, "rows_zstd_" + n, frame(1, zstd));
    save(target, "columns_frame_" + n, frame(2, columns));
    save(target, "columns_" + n, '\3' + number(count - 1, 2) + number(text_bytes, 3) + columns);
    save(target, "rows_" + n, '\10' + rows);
    std::string stored;
    std::string lines;
    FrameHeader header;
    header.tag = 0x1234'5678;
    header.layout = Layout::rows;
    header.count = static_cast<std::uint32_t>(count);
    header.raw_bytes = static_cast<std::uint32_t>(rows.size());
    append_frame(header, rows, stored);
    save(target, "frame_" + n, '\11' + stored);
    std::string v1;
    for (const EntryView& view : views) {
      detail::v1::encode_entry(view, v1);
      lines += std::string(view.log_entry) + '\n';
    }
    save(target, "v1_entries_" + n, '\13' + v1);
    save(target, "filter_" + n, '\12' + number(0, 8) + number(0, 4) + lines);
    save(target, "lines_" + n, '\14' + number(0, 1) + number(kStart, 8) + lines);
  }
  Slot slot;
  slot.sequence = 7;
  slot.index.count = 20;
  slot.index.opened = kStart;
  slot.index.first = slot.index.last = slot.index.min = slot.index.max = kStart;
  slot.data_end = 65536;
  slot.points = {{0, kDataOffset}, {10, 8000}};
  save(target, "slot", '\4' + encode_slot(slot, 0x1234'5678));
  save(target, "footer", '\6' + encode_footer({slot, 60000, std::string(kPageBytes, 'p')}, 0x1234'5678));
  save(target, "directory", '\5' + encode_directory({{0, kDataOffset, 1, 2, 1, 2, 9000}, {5, 8000, 2, 3, 2, 3, 0}}));
  save(target, "header_page",
       '\7' + *encode_header_page(
                  {.header = {.version = 2, .org = "acme", .title = "x", .file_id = 1, .uuid = {}}, .created = 5}));
  save(target, "index_page",
       '\7' + std::string(9, 't') + file_of({.format = FileFormat::v1, .count = 3}).substr(1024, 200));
}

// Scripts: see Script::step.
void make_scripts() {
  const std::string target = "write_damage_read";
  const auto script = [](std::initializer_list<int> bytes) {
    std::string text;
    for (const int byte : bytes) text += static_cast<char>(byte);
    return text;
  };
  save(target, "v1_cut", script({0, 0, 9, 1, 4, 0, 9, 2, 5, 14, 0, 9, 0, 3, 0, 9, 10, 7, 0, 3, 3, 6, 9}));
  save(target, "v1_close", script({0, 0, 20, 1, 6, 9, 7, 0, 5, 5, 5, 6, 10}));
  save(target, "seal", script({1, 0, 39, 1, 4, 1, 30, 7, 5, 6, 9, 8, 9, 10}));
  save(target, "seal_flip", script({1, 0, 39, 1, 4, 1, 30, 7, 5, 6, 8, 11, 0, 13, 0, 5, 0, 9, 10, 9}));
  save(target, "open_flip",
       script({1, 0, 9, 1, 4, 1, 9, 7, 4, 2, 9, 3, 5, 11, 1, 12, 0, 5, 0, 9, 10, 7, 0, 9, 9, 4, 9}));
  save(target, "zero", script({1, 0, 9, 1, 4, 1, 9, 7, 5, 2, 9, 3, 6, 12, 1, 11, 0, 200, 0, 0, 10, 7, 8, 9}));
  save(target, "move", script({2, 0, 9, 1, 4, 1, 9, 7, 5, 2, 9, 3, 4, 13, 1, 12, 0, 200, 0, 0, 13, 0, 10, 7, 0, 4, 4}));
  save(target, "cut", script({3, 0, 9, 1, 4, 1, 9, 7, 4, 2, 9, 3, 4, 14, 1, 14, 0, 0, 0, 7, 0, 3, 3, 5, 9, 10}));
  save(target, "stale",
       script({1, 0, 9, 1, 5, 1, 9, 7, 5, 14, 0, 14, 0, 0, 0, 10, 7, 2, 9, 3, 5, 15, 0, 13, 0, 0, 4, 9, 10}));
}

void make_positions() {
  const std::vector<std::vector<SourcePosition>> all = {
      {}, {{"store", "0123456789abcdef"}}, {{"file/1", "2049:17"}, {"producer/p", ""}, {std::string(200, 's'), "x"}}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::string section;
    append_positions(all[i], section);
    save("positions", std::to_string(i), section);
  }
}

/// What the collector reads: what clients send, and its own files.
void make_collector_texts() {
  const std::vector<std::string> bodies = {R"({"message":"hello","level":"err"})",
                                           "{\"a\":1}\n{\"b\":[1,2,{\"c\":\"}\"}]}\r\n\n{\"d\":null}",
                                           R"([{"a":"\u00e9\ud83d\ude00"},{"b":{}} , {"c":"\\\"]"}])",
                                           R"({}{}{"a":{"b":{"c":{"d":1}}}}{)",
                                           R"([{"time":"2026-01-17T14:30:00,5+01","msg":1e400},3,"x",[{}]])",
                                           "<html>no JSON</html>\n{\"x\":1}"};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    save("json_split", std::to_string(i), bodies[i]);
    save("json_read", std::to_string(i), bodies[i]);
  }
  const std::vector<std::string> streams = {
      "<34>1 2026-01-17T14:30:00Z web-1 sshd 17 - - hello\n<13>Jan 17 14:30:00 web-1 x: y\n",
      "11 <13>1 - - -9 <13>hello", "0 <1>x\n-1 y\n99999999999999999999 z", "5 abcdefgh\n" + std::string(200, 'x'),
      std::string("<13>a\0<13>b\0", 12)};
  for (std::size_t i = 0; i < streams.size(); ++i) save("syslog_frame", std::to_string(i), '\x05' + streams[i]);
  const std::vector<std::string> configurations = {
      "store: { path: /var/lib/towl, partition: { max_entries: 5, max_age: 1d }, retain: { keep_free: 5% } }\n",
      "listen:\n  grpc: \"0.0.0.0:50011\"\n  tls: { cert: a, key: b }\nlimits: { pulls: 7, http_idle_time: 5m }\n",
      "log: { level: debug, format: json }\ninsecure: true\nauth: { tokens_file: ${HOME}/tokens }\n",
      "a: &x [1, 2]\nb: *x\n--- !!binary |\n  aGVsbG8=\n"};
  for (std::size_t i = 0; i < configurations.size(); ++i) save("config_read", std::to_string(i), configurations[i]);
  const std::string hash(64, 'a');
  save("tokens_read", "0",
       R"({"name":"web-7","scopes":["ingest"],"sha256":")" + hash + R"(","created":"2026-01-17T14:30:00Z"})" + "\n");
  save("tokens_read", "1",
       R"({"name":"ann","scopes":["read","admin"],"orgs":["acme"],"titles":["syslog","x"],"sha256":")" + hash +
           "\"}\n" + "# a comment\n\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_make_corpus FOLDER\n");
    return 2;
  }
  corpus = argv[1];
  make_files();
  make_parts();
  make_scripts();
  make_positions();
  make_collector_texts();
  return 0;
}
