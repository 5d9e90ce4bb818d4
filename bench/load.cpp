// A producer: appends entries of about 150 stored bytes to a collector at a steady rate.
//
//   load ADDRESS ENTRIES_PER_SECOND SECONDS [DURABILITY]
//
// Uses TLS if $TOWL_CA is set, and the token $TOWL_TOKEN if there is one.
// DURABILITY is written, interval or synced (default: the collector's). Batches of 1,000; prints what was acknowledged
// and the time from sending a batch to its acknowledgement. A rate of 0: as fast as acknowledgements come, 8 batches
// ahead.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "towl/v1/channel_security.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace {

using Clock = std::chrono::steady_clock;
using towl::v1::AppendRequest;
using towl::v1::AppendResponse;

constexpr int kBatch = 1000;
constexpr std::size_t kAhead = 8;

AppendRequest make_batch(std::string_view durability) {
  AppendRequest request;
  for (int i = 0; i < kBatch; ++i) {
    auto* entry = request.add_entries();
    entry->set_sender("host.example");
    entry->set_log_entry("request " + std::to_string(i) +
                         " from 10.0.0.7 took 12 ms: GET /index.html 200 OK, 5121 bytes sent");
  }
  if (durability == "written") request.set_durability(towl::v1::DURABILITY_WRITTEN);
  if (durability == "interval") request.set_durability(towl::v1::DURABILITY_INTERVAL);
  if (durability == "synced") request.set_durability(towl::v1::DURABILITY_SYNCED);
  return request;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: load ADDRESS ENTRIES_PER_SECOND SECONDS [DURABILITY]\n", stderr);
    return 2;
  }
  const double rate = std::strtod(argv[2], nullptr);
  const double duration_s = std::strtod(argv[3], nullptr);
  AppendRequest request = make_batch(argc > 4 ? argv[4] : "");
  const auto variable = [](const char* name) { return std::string(std::getenv(name) ? std::getenv(name) : ""); };
  const std::string token = variable("TOWL_TOKEN");
  const auto security = towl::rpc::read_security(argv[1], {.ca = variable("TOWL_CA"), .token = token});
  if (!security) {
    std::fprintf(stderr, "load: %s\n", security.error().to_string().c_str());
    return 2;
  }
  const auto stub = towl::v1::Towl::NewStub(towl::rpc::open_channel(argv[1], *security, {}));
  grpc::ClientContext context;
  towl::rpc::add_token(token, context);
  const auto stream = stub->Append(&context);

  std::mutex mutex;
  std::condition_variable room;
  std::deque<Clock::time_point> sent;
  std::vector<double> waits_ms;
  bool ended = false;
  std::jthread receiver([&] {
    AppendResponse response;
    while (stream->Read(&response)) {
      const std::lock_guard guard(mutex);
      waits_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - sent.front()).count());
      sent.pop_front();
      room.notify_one();
    }
    const std::lock_guard guard(mutex);
    ended = true;
    room.notify_one();
  });

  const auto start = Clock::now();
  const auto elapsed_s = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  for (std::uint64_t batches = 0; elapsed_s() < duration_s; ++batches) {
    if (rate > 0) {
      std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                                                static_cast<double>(batches) * kBatch / rate)));
    }
    {
      std::unique_lock guard(mutex);
      room.wait(guard, [&] { return ended || rate > 0 || sent.size() < kAhead; });
      if (ended) break;
      sent.push_back(Clock::now());
    }
    request.set_sequence(batches + 1);
    if (!stream->Write(request)) break;
  }
  stream->WritesDone();
  receiver.join();
  const double seconds = elapsed_s();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) {
    std::fprintf(stderr, "load: %s\n", status.error_message().c_str());
    return 2;
  }
  std::sort(waits_ms.begin(), waits_ms.end());
  if (waits_ms.empty()) return 2;
  std::printf("%zu entries in %.2f s, %.0f entries/s; acknowledged after p50 %.2f ms, p99 %.2f ms\n",
              waits_ms.size() * kBatch, seconds, static_cast<double>(waits_ms.size()) * kBatch / seconds,
              waits_ms[waits_ms.size() / 2], waits_ms[waits_ms.size() * 99 / 100]);
  return 0;
}
