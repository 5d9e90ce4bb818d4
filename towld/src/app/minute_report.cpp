#include "app/minute_report.hpp"

#include <algorithm>

namespace towld {
namespace {

std::string count_of(std::uint64_t count, const char* what) { return std::to_string(count) + " " + what; }

std::string backlog(std::uint64_t entries, std::uint64_t bytes) {
  return ", backlog " + count_of(entries, "entries, ") + count_of(bytes, "bytes");
}

/// What was counted since `before`; all of it if the count began again, with an output that was started again.
std::uint64_t since(std::uint64_t before, std::uint64_t now) { return now < before ? now : now - before; }

}  // namespace

std::vector<std::string> MinuteReport::lines(const Named<std::shared_ptr<InputCounters>>& counters,
                                             const Named<InputStatus>& inputs, const Named<OutputStatus>& outputs) {
  std::vector<std::string> lines;
  for (const auto& [name, counts] : counters) {
    // Those of entries that have ended first: what is counted during this must not make them more than were received.
    const std::uint64_t stored = counts->stored;
    InputTotals now{.rejected = counts->rejected, .dropped = counts->dropped};
    now.received = counts->received;
    now.bytes = counts->bytes;
    const InputTotals before = std::exchange(inputs_[name], now);
    if (now == before) continue;
    const auto status =
        std::find_if(inputs.begin(), inputs.end(), [&name = name](const auto& one) { return one.first == name; });
    const std::uint64_t ended = stored + now.rejected + now.dropped;
    lines.push_back("input " + name + ": " + count_of(now.received - before.received, "entries, ") +
                    count_of(now.rejected - before.rejected, "rejected, ") +
                    count_of(now.dropped - before.dropped, "dropped, ") + count_of(now.bytes - before.bytes, "bytes") +
                    backlog(now.received - std::min(now.received, ended),
                            status != inputs.end() ? status->second.backlog_bytes() : 0));
  }
  for (const auto& [name, status] : outputs) {
    const OutputTotals now{status.entries, status.bytes, status.failures};
    const OutputTotals before = std::exchange(outputs_[name], now);
    if (now == before && status.backlog_entries == 0) continue;
    lines.push_back("output " + name + ": " + count_of(since(before.entries, now.entries), "entries, ") +
                    count_of(since(before.bytes, now.bytes), "bytes, ") +
                    count_of(since(before.failures, now.failures), "failures") +
                    backlog(status.backlog_entries, status.backlog_bytes) +
                    (status.error.empty() ? "" : ": " + status.error));
  }
  return lines;
}

}  // namespace towld
