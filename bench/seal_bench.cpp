// seal_bench: how small and how fast the column codec makes logs. See bench/README.md.
//
//   seal_bench [--quick] [--mb N] [--frame BYTES] [--level N] [--tick NS] [FILE]…
//
// Each FILE of text lines is measured as it is and grown to N MB; a made-up syslog and journal always are.
// Entries are received at random times, cut to --tick nanoseconds (1000): what no codec can make smaller, so that
// "no times" says what a frame would take without them. --quick leaves out zstd -19, which takes longest.
#include <zstd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "sample_logs.hpp"
#include "v1/entry_codec.hpp"
#include "v2/columns.hpp"

namespace towl::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  bool quick = false;
  std::size_t bytes = std::size_t{20} << 20;
  std::size_t frame_bytes = detail::v2::kSealedFrameBytes;
  int level = detail::v2::kSealLevel;
  Timestamp tick_ns = 1000;
  std::vector<std::string> files;
};

struct Frame {
  std::string payload;
  std::uint32_t count = 0;
  std::uint64_t raw_bytes = 0;
};

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::size_t zstd_bytes(const std::string& bytes, int level) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  return ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), level);
}

std::vector<Frame> seal(const std::vector<EntryView>& entries, const Options& options) {
  detail::v2::ColumnEncoder encoder(options.level);
  std::vector<Frame> frames;
  for (std::size_t begin = 0; begin < entries.size();) {
    Frame frame;
    std::size_t end = begin;
    while (end < entries.size() && frame.raw_bytes < options.frame_bytes &&
           end - begin < detail::v2::kMaxFrameEntries) {
      frame.raw_bytes += entries[end].log_entry.size() + entries[end].sender.size();
      ++end;
    }
    frame.count = static_cast<std::uint32_t>(end - begin);
    encoder.encode(std::span(entries).subspan(begin, frame.count), frame.payload);
    frames.push_back(std::move(frame));
    begin = end;
  }
  return frames;
}

bool verify(const std::vector<Frame>& frames, const std::vector<EntryView>& entries) {
  detail::v2::ColumnDecoder decoder;
  std::size_t at = 0;
  for (const Frame& frame : frames) {
    const auto decoded = decoder.decode(frame.payload, frame.count, frame.raw_bytes);
    if (!decoded) {
      std::printf("%s\n", decoded.error().message.c_str());
      return false;
    }
    for (const EntryView& entry : *decoded) {
      if (entry != entries[at++]) {
        return false;
      }
    }
  }
  return at == entries.size();
}

std::size_t total_bytes(const std::vector<Frame>& frames) {
  std::size_t sum = 0;
  for (const Frame& frame : frames) {
    sum += frame.payload.size();
  }
  return sum;
}

// The least seconds of several decodings of all frames.
double decode_seconds(const std::vector<Frame>& frames, std::size_t bytes, Wanted wanted) {
  detail::v2::ColumnDecoder decoder;
  double least = 1e9;
  for (std::size_t round = 0; round < 5; ++round) {
    const std::size_t times = 1 + (std::size_t{10} << 20) / bytes;
    const auto start = Clock::now();
    for (std::size_t k = 0; k < times; ++k) {
      for (const Frame& frame : frames) {
        if (!decoder.decode(frame.payload, frame.count, frame.raw_bytes, wanted)) {
          std::abort();
        }
      }
    }
    least = std::min(least, seconds_since(start) / static_cast<double>(times));
  }
  return least;
}

void measure(const SampleLog& log, const Options& options) {
  std::string text;
  std::string v1;
  std::vector<EntryView> entries;
  std::vector<EntryView> timeless;
  for (const Entry& entry : log.entries) {
    text.append(entry.log_entry).push_back('\n');
    entries.push_back(entry.view());
    entries.back().received -= entry.received % options.tick_ns;
    detail::v1::encode_entry(entries.back(), v1);
    timeless.push_back(entries.back());
    timeless.back().received = 0;
  }
  seal(entries, options);  // So that memory is mapped.
  const auto start = Clock::now();
  const std::vector<Frame> frames = seal(entries, options);
  const double encoding = seconds_since(start);
  if (!verify(frames, entries)) {
    std::printf("%-22s DIFFERS\n", log.name.c_str());
    std::exit(1);
  }
  const std::size_t ours = total_bytes(frames);
  const std::size_t no_times = total_bytes(seal(timeless, options));
  const double decoding = decode_seconds(frames, text.size(), {});
  const double text_only = decode_seconds(frames, text.size(), {.sender = false, .received = false, .text = true});
  const std::size_t z3 = zstd_bytes(text, 3);
  const std::size_t z19 = options.quick ? 0 : zstd_bytes(v1, 19);
  const double mb = static_cast<double>(text.size()) / 1e6;
  const auto size = static_cast<double>(ours);
  std::printf("%-20s %8.2f %8zu %8.2f %8zu %8zu %8zu %8zu %6.2fx %5.0f%% %6.0f %6.0f %6.0f\n", log.name.c_str(), mb,
              log.entries.size(), size / static_cast<double>(log.entries.size()), z19, z3, ours, no_times,
              static_cast<double>(z19) / size, 100 * size / static_cast<double>(z3), mb / (encoding + decoding),
              mb / decoding, mb / text_only);
  std::fflush(stdout);
}

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    const bool more = i + 1 < count;
    if (argument == "--quick") {
      options.quick = true;
    } else if (argument == "--mb" && more) {
      options.bytes = std::strtoul(arguments[++i], nullptr, 10) << 20;
    } else if (argument == "--frame" && more) {
      options.frame_bytes = std::strtoul(arguments[++i], nullptr, 10);
    } else if (argument == "--tick" && more) {
      options.tick_ns = std::strtol(arguments[++i], nullptr, 10);
    } else if (argument == "--level" && more) {
      options.level = std::atoi(arguments[++i]);
    } else {
      options.files.push_back(argument);
    }
  }
  return options;
}

int run(int count, char** arguments) {
  const Options options = parse(count, arguments);
  std::printf("%-20s %8s %8s %8s %8s %8s %8s %8s %7s %6s %6s %6s %6s\n", "log", "text MB", "entries", "B/entry",
              "v1 z-19", "text z-3", "ours", "no times", "z19/us", "us/z3", "en+de", "decode", "text");
  for (const std::string& file : options.files) {
    const SampleLog log = read_log(file);
    if (log.entries.empty()) {
      std::printf("%s: no lines\n", file.c_str());
      return 1;
    }
    measure(log, options);
    measure(grow(log, options.bytes), options);
  }
  measure(make_syslog(options.bytes), options);
  measure(make_journal(options.bytes), options);
  return 0;
}

}  // namespace
}  // namespace towl::bench

int main(int count, char** arguments) { return towl::bench::run(count, arguments); }
