#include "sample_logs.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <random>
#include <string_view>
#include <unordered_map>

namespace towl::bench {
namespace {

using Random = std::mt19937_64;

constexpr Timestamp kStart = 1'768'608'000'000'000'000;  // 2026-01-17

std::uint64_t below(Random& random, std::uint64_t limit) { return random() % limit; }

// Microseconds until the next event, `mean` on average.
Timestamp gap_us(Random& random, double mean_us) {
  const double unit = (static_cast<double>(random() >> 11) + 1) / 9007199254740993.0;
  return static_cast<Timestamp>(-std::log(unit) * mean_us) + 1;
}

template <class... T>
std::string print(const char* format, T... values) {
  std::array<char, 512> text{};
  const int length = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), static_cast<std::size_t>(length)};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A clock at the beginning of a line: "22:15:29", "22:5:9:606", "22:15:29,606".
struct ClockPlace {
  std::size_t at = std::string_view::npos;
  std::size_t bytes = 0;
  char fraction = '\0';  ///< What separates milliseconds from seconds, if there are any.
  bool padded = true;
};

std::size_t digits(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) {
    ++end;
  }
  return end - at;
}

// The last clock within the first 70 bytes.
ClockPlace find_clock(std::string_view line) {
  ClockPlace found;
  for (std::size_t i = 0; i < std::min<std::size_t>(line.size(), 70); ++i) {
    const std::size_t h = digits(line, i);
    const std::size_t m = digits(line, i + h + 1);
    const std::size_t s = digits(line, i + h + m + 2);
    if (h == 0 || m == 0 || s == 0 || h > 2 || m > 2 || s > 2 || line[i + h] != ':' || line[i + h + m + 1] != ':') {
      i += h;
      continue;
    }
    const std::size_t end = i + h + m + s + 2;
    const std::size_t ms = end < line.size() && line[end] != ' ' ? digits(line, end + 1) : 0;
    found = {i, end - i, '\0', h == 2 && m == 2 && s == 2};
    if (ms >= 1 && ms <= 3) {
      found.fraction = line[end];
      found.bytes += 1 + ms;
    }
    i = end;
  }
  return found;
}

using Counts = std::unordered_map<std::string, std::size_t>;

// Calls `take` with each run of letters and digits.
template <class Take>
void each_token(std::string_view line, Take take) {
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = at;
    bool digits = false;
    while (end < line.size() && std::isalnum(static_cast<unsigned char>(line[end])) != 0) {
      digits = digits || is_digit(line[end]);
      ++end;
    }
    take(line.substr(at, std::max<std::size_t>(end - at, 1)), digits);
    at = std::max(end, at + 1);
  }
}

// Other digits for the token's, the same ones for the same token and seed; hexadecimal stays hexadecimal.
std::string vary(std::string_view token, std::uint64_t seed) {
  std::string varied(token);
  Random random(std::hash<std::string_view>()(token) ^ seed * 0x9E3779B97F4A7C15U);
  const bool hex = token.size() >= 8 && token.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
                   token.find_first_of("abcdef") != std::string_view::npos;
  for (std::size_t i = 0; i < varied.size(); ++i) {
    if (hex) {
      varied[i] = "0123456789abcdef"[below(random, 16)];
    } else if (is_digit(varied[i])) {
      varied[i] = static_cast<char>((i == 0 ? '1' : '0') + static_cast<char>(below(random, i == 0 ? 9 : 10)));
    }
  }
  return varied;
}

std::string vary_line(std::string_view line, std::uint64_t seed, const Counts& counts, std::size_t frequent) {
  std::string varied;
  each_token(line, [&](std::string_view token, bool digits) {
    if (!digits || token.size() < 3 || counts.at(std::string(token)) > frequent) {
      varied.append(token);
    } else {
      varied.append(vary(token, seed));
    }
  });
  return varied;
}

std::string clock_text(std::int64_t us, char fraction, bool padded) {
  const std::int64_t s = us / 1'000'000;
  std::string clock = print(padded ? "%02d:%02d:%02d" : "%d:%d:%d", static_cast<int>(s / 3600 % 24),
                            static_cast<int>(s / 60 % 60), static_cast<int>(s % 60));
  if (fraction != '\0') {
    clock += print(padded ? "%c%03d" : "%c%d", fraction, static_cast<int>(us / 1000 % 1000));
  }
  return clock;
}

}  // namespace

SampleLog read_log(const std::string& path) {
  SampleLog log{path.substr(path.rfind('/') + 1), {}};
  std::ifstream file(path, std::ios::binary);
  Random random(7);
  Timestamp at = kStart;
  for (std::string line; std::getline(file, line);) {
    at += 1000 * gap_us(random, 430'000);
    log.entries.push_back({"host-1", at, LogFormat::text, line});
  }
  return log;
}

SampleLog grow(const SampleLog& log, std::size_t bytes) {
  Counts counts;
  for (const Entry& entry : log.entries) {
    each_token(entry.log_entry, [&](std::string_view token, bool) { ++counts[std::string(token)]; });
  }
  const std::string& model = log.entries.front().log_entry;
  const ClockPlace model_clock = find_clock(model);
  const bool padded = std::all_of(log.entries.begin(), log.entries.end(),
                                  [](const Entry& entry) { return find_clock(entry.log_entry).padded; });
  const auto average = static_cast<double>(bytes) / 100;
  Random random(11);
  SampleLog grown{log.name + "+", {}};
  std::size_t made = 0;
  std::size_t from = 0;
  Timestamp us = 0;
  for (std::size_t n = 0; made < bytes; ++n) {
    from = below(random, 6) == 0 ? below(random, log.entries.size()) : (from + 1) % log.entries.size();
    us += gap_us(random, 80e9 / average);
    const std::string& line = log.entries[from].log_entry;
    const ClockPlace clock = find_clock(line);
    const auto vary_from = [&](std::size_t at) {
      return vary_line(std::string_view(line).substr(at), n / 300, counts, log.entries.size() / 50);
    };
    std::string varied;
    if (clock.bytes == 0) {
      varied = vary_from(0);
    } else {
      // The date is that of the first line: the clock goes on, and stays within a day.
      varied = clock.at == model_clock.at ? model.substr(0, clock.at) : line.substr(0, clock.at);
      varied += clock_text(us, clock.fraction, padded);
      varied += vary_from(clock.at + clock.bytes);
    }
    made += varied.size() + 1;
    grown.entries.push_back({print("host-%d", static_cast<int>(n / 40 * 7919 % 5)),
                             kStart + us * 1000 + 1000 * static_cast<Timestamp>(below(random, 3000)), LogFormat::text,
                             std::move(varied)});
  }
  return grown;
}

namespace {

struct Service {
  const char* name;
  const char* unit;
  std::array<const char*, 6> messages;  ///< %u a number, %a an address, %x a long id, %p a path, %w a name.
};

constexpr std::array<Service, 8> kServices = {{
    {"sshd",
     "ssh.service",
     {"Accepted publickey for %w from %a port %u ssh2: RSA SHA256:%x",
      "Failed password for invalid user %w from %a port %u ssh2",
      "Connection closed by authenticating user %w %a port %u [preauth]",
      "pam_unix(sshd:session): session opened for user %w(uid=%u) by (uid=0)",
      "Received disconnect from %a port %u:11: disconnected by user",
      "pam_unix(sshd:session): session closed for user %w"}},
    {"systemd",
     "init.scope",
     {"Started Session %u of User %w.", "session-%u.scope: Deactivated successfully.",
      "Starting Daily apt download activities...", "Finished Daily apt download activities.",
      "run-docker-runtime\\x2drunc-moby-%x-runc.mount: Deactivated successfully.",
      "logrotate.service: Consumed %ums CPU time."}},
    {"kernel",
     "",
     {"[UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:12:34:56 SRC=%a DST=10.0.0.5 LEN=40 TOS=0x00 PREC=0x00 TTL=%u ID=%u "
      "PROTO=TCP SPT=%u DPT=%u WINDOW=1024 RES=0x00 SYN URGP=0",
      "docker0: port %u(veth%u) entered blocking state", "docker0: port %u(veth%u) entered forwarding state",
      "device veth%u entered promiscuous mode",
      "EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.",
      "audit: type=1400 audit(%u.%u:%u): apparmor=\"ALLOWED\" operation=\"open\" profile=\"%w\" name=\"%p\" pid=%u"}},
    {"nginx",
     "nginx.service",
     {"%a - - \"GET %p HTTP/1.1\" 200 %u \"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"",
      "%a - - \"POST /api/v1/%w/%u HTTP/1.1\" 201 %u \"-\" \"curl/7.88.1\"",
      "%a - - \"GET %p?id=%u HTTP/1.1\" 404 %u \"-\" \"-\"",
      "%a - - \"GET /health HTTP/1.1\" 200 2 \"-\" \"kube-probe/1.27\"",
      "upstream timed out (110: Connection timed out) while reading response header from upstream, client: %a, "
      "request: \"GET %p HTTP/1.1\"",
      "%a - - \"GET /static/%x.js HTTP/2.0\" 304 0 \"-\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)\""}},
    {"postfix/smtpd",
     "postfix@-.service",
     {"connect from unknown[%a]", "disconnect from unknown[%a] ehlo=1 auth=0/1 quit=1 commands=2/3",
      "%x: client=unknown[%a]", "warning: hostname %w.example.org does not resolve to address %a",
      "lost connection after AUTH from unknown[%a]",
      "NOQUEUE: reject: RCPT from unknown[%a]: 454 4.7.1 <%w@example.com>: Relay access denied; proto=ESMTP"}},
    {"CRON",
     "cron.service",
     {"(root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
      "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
      "pam_unix(cron:session): session closed for user root", "(%w) CMD (/usr/local/bin/backup --id %u)",
      "(root) CMD (test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; })",
      "(%w) RELOAD (crontabs/%w)"}},
    {"dockerd",
     "docker.service",
     {"time=\"2026-01-17T10:00:00.%uZ\" level=info msg=\"ignoring event\" container=%x module=libcontainerd "
      "namespace=moby topic=/tasks/delete",
      "time=\"2026-01-17T10:00:00.%uZ\" level=warning msg=\"cleaning up after shim disconnected\" id=%x namespace=moby",
      "API listen on /run/docker.sock", "Container %x failed to exit within 10s of signal 15 - using the force",
      "time=\"2026-01-17T10:00:00.%uZ\" level=info msg=\"Loading containers: done.\"",
      "Health check for container %x error: timeout after %us"}},
    {"app",
     "app@worker.service",
     {"request completed method=GET path=%p status=200 duration_ms=%u user=%w trace_id=%x",
      "request completed method=POST path=%p status=500 duration_ms=%u user=%w trace_id=%x",
      "cache miss key=user:%u:profile ttl=%u", "job %x finished in %u.%us",
      "retrying in %ums after error: connection reset by peer (attempt %u)",
      "slow query (%u ms): SELECT * FROM orders WHERE customer_id = %u AND state = 'open'"}},
}};

constexpr std::array<const char*, 12> kNames = {"root", "alice", "bob",  "deploy", "postgres", "admin",
                                                "git",  "carol", "dave", "backup", "www-data", "ubuntu"};

std::string id_text(Random& random, unsigned digits) {
  std::string text;
  for (unsigned i = 0; i < digits; ++i) {
    text += "0123456789abcdef"[below(random, 16)];
  }
  return text;
}

std::string address(Random& random) {
  const std::uint64_t one = below(random, 3) == 0 ? random() : below(random, 40) * 7919;
  return print("%d.%d.%d.%d", static_cast<int>(10 + (one >> 24) % 200), static_cast<int>((one >> 16) & 255),
               static_cast<int>((one >> 8) & 255), static_cast<int>(one & 255));
}

std::string fill(const char* message, Random& random) {
  std::string text;
  for (const char* at = message; *at != '\0'; ++at) {
    if (*at != '%') {
      text += *at;
      continue;
    }
    switch (*++at) {
      case 'u':
        text += std::to_string(below(random, below(random, 2) == 0 ? 100 : 60000));
        break;
      case 'a':
        text += address(random);
        break;
      case 'x':
        text += id_text(random, 32);
        break;
      case 'w':
        text += kNames[below(random, kNames.size())];
        break;
      default:
        text += "/srv/www/" + std::string(kNames[below(random, kNames.size())]) + "/page" +
                std::to_string(below(random, 50));
        break;
    }
  }
  return text;
}

// A busy service logs several messages in a row.
const Service& next_service(Random& random, const Service* last) {
  return last != nullptr && below(random, 3) != 0 ? *last : kServices[below(random, kServices.size())];
}

std::string escaped(const std::string& text) {
  std::string json;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
    }
    json += c;
  }
  return json;
}

}  // namespace

SampleLog make_syslog(std::size_t bytes) {
  SampleLog log{"syslog", {}};
  Random random(3);
  std::size_t made = 0;
  Timestamp us = 0;
  const Service* service = nullptr;
  while (made < bytes) {
    us += gap_us(random, 300'000);
    service = &next_service(random, service);
    const std::string host = print("web-%02d", static_cast<int>(below(random, 8)));
    const auto s = us / 1'000'000;
    std::string text = print("Jan %2d %02d:%02d:%02d %s %s[%d]: ", static_cast<int>(17 + s / 86400),
                             static_cast<int>(s / 3600 % 24), static_cast<int>(s / 60 % 60), static_cast<int>(s % 60),
                             host.c_str(), service->name, static_cast<int>(700 + below(random, 20) * 131));
    text += fill(service->messages[below(random, 6)], random);
    made += text.size() + 1;
    log.entries.push_back({host, kStart + us * 1000, LogFormat::text, std::move(text)});
  }
  return log;
}

SampleLog make_journal(std::size_t bytes) {
  SampleLog log{"journal json", {}};
  Random random(5);
  std::size_t made = 0;
  std::int64_t realtime = kStart / 1000;
  std::int64_t monotonic = 81'234'567;
  std::uint64_t sequence = 0x1f3a0;
  const std::string boot = id_text(random, 32);
  const std::string seqnum_id = id_text(random, 32);
  const std::string machine = id_text(random, 32);
  const std::string where =
      "\"_BOOT_ID\":\"" + boot + "\",\"_MACHINE_ID\":\"" + machine + "\",\"_HOSTNAME\":\"web-01\",";
  const Service* service = nullptr;
  while (made < bytes) {
    const Timestamp gap = gap_us(random, 150'000);
    realtime += gap;
    monotonic += gap;
    ++sequence;
    service = &next_service(random, service);
    const std::string message = escaped(fill(service->messages[below(random, 6)], random));
    const int pid = static_cast<int>(700 + below(random, 20) * 131);
    const std::string own =
        service->unit[0] == '\0'
            ? std::string("\"_TRANSPORT\":\"kernel\",\"SYSLOG_FACILITY\":\"0\",")
            : print(
                  "\"_TRANSPORT\":\"syslog\",\"_PID\":\"%d\",\"_UID\":\"0\",\"_GID\":\"0\",\"_COMM\":\"%s\",\"_EXE\":"
                  "\"/usr/sbin/%s\","
                  "\"_CMDLINE\":\"/usr/sbin/%s "
                  "-D\",\"_CAP_EFFECTIVE\":\"1ffffffffff\",\"_SYSTEMD_CGROUP\":\"/system.slice/%s\",",
                  pid, service->name, service->name, service->name, service->unit) +
                  print(
                      "\"_SYSTEMD_UNIT\":\"%s\",\"_SYSTEMD_SLICE\":\"system.slice\",\"_SELINUX_CONTEXT\":"
                      "\"unconfined\\n\",\"SYSLOG_PID\":\"%d\",",
                      service->unit, pid);
    const std::string stamps = print(
        "\"__REALTIME_TIMESTAMP\":\"%lld\",\"__MONOTONIC_TIMESTAMP\":\"%lld\",\"_SOURCE_REALTIME_TIMESTAMP\":\"%lld\",",
        static_cast<long long>(realtime), static_cast<long long>(monotonic),
        static_cast<long long>(realtime - static_cast<long long>(20 + below(random, 60))));
    const std::string cursor =
        print("\"__CURSOR\":\"s=%s;i=%llx;b=%s;m=%llx;t=%llx;x=%llx\",", seqnum_id.c_str(),
              static_cast<unsigned long long>(sequence), boot.c_str(), static_cast<unsigned long long>(monotonic),
              static_cast<unsigned long long>(realtime), static_cast<unsigned long long>(random()));
    const std::string what = print("\"PRIORITY\":\"%d\",\"SYSLOG_IDENTIFIER\":\"%s\",",
                                   static_cast<int>(4 + below(random, 3)), service->name);
    std::string text = "{";
    if (below(random, 8) == 0) {
      text.append(stamps).append(own).append(cursor).append(where).append(what);
    } else {
      text.append(cursor).append(stamps).append(where).append(what).append(own);
    }
    text.append("\"MESSAGE\":\"").append(message).append("\"}");
    made += text.size() + 1;
    log.entries.push_back(
        {"web-01", realtime * 1000 + 1000 * static_cast<Timestamp>(below(random, 900)), LogFormat::journal_json, text});
  }
  return log;
}

}  // namespace towl::bench
