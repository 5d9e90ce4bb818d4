#include "app/notify.hpp"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <algorithm>
#include <cstdint>

namespace towld {
namespace {

/// One assignment a line: a newline in a status would begin another.
std::string status_line(std::string status) {
  std::replace(status.begin(), status.end(), '\n', ' ');
  return "STATUS=" + status;
}

}  // namespace

void notify_ready(const std::string& status) { sd_notify(0, ("READY=1\n" + status_line(status)).c_str()); }

void notify_reloading() {
  // systemd from 253 on tells by the time which of several reloads this is (Type=notify-reload).
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto usec = static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec)).c_str());
}

void notify_stopping() { sd_notify(0, ("STOPPING=1\n" + status_line("Storing what is queued")).c_str()); }

void notify_status(const std::string& status) { sd_notify(0, status_line(status).c_str()); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t usec = 0;
  if (sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
  return std::chrono::microseconds(usec / 2);
}

void notify_alive() { sd_notify(0, "WATCHDOG=1"); }

}  // namespace towld
