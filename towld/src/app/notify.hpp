// What systemd is told about the program (sd_notify(3)). Unless systemd started it, with Type=notify, nothing happens.
//
// Threads: any; the environment must not change during a call.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace towld {

/// It serves. `status` is what `systemctl status` shows.
void notify_ready(const std::string& status);

/// It reads its configuration again; notify_ready() says that this is done, however it went.
void notify_reloading();

/// It stores what it has and ends.
void notify_stopping();

/// Changes what `systemctl status` shows.
void notify_status(const std::string& status);

/// How often systemd wants notify_alive() (half of WatchdogSec=), if at all.
std::optional<std::chrono::microseconds> watchdog_interval();
void notify_alive();

}  // namespace towld
