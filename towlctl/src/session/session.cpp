#include "session/session.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace towlctl {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

std::string default_server() {
  const auto server = environment("TOWL_SERVER");
  return server.empty() ? "127.0.0.1:50011" : std::string(server);
}

std::filesystem::path default_store(const std::string& server) {
  if (const auto store = environment("TOWL_STORE"); !store.empty()) return store;
  std::filesystem::path data(environment("XDG_DATA_HOME"));
  if (data.empty()) data = std::filesystem::path(environment("HOME")) / ".local/share";
  std::string name;
  for (const char c : server) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == ':';
    name += plain ? c : '_';
  }
  if (name == "." || name == "..") name += "_";
  return data / "towl" / name;
}

bool use_color(const Session& session) {
  if (session.color != When::automatic) return session.color == When::always;
  if (!environment("NO_COLOR").empty()) return false;
  if (const auto force = environment("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
  const auto term = environment("TERM");
  return isatty(STDOUT_FILENO) != 0 && !term.empty() && term != "dumb";
}

void complain(const std::string& message) {
  // What others say is in messages, too: it is to stay one line, and to do nothing to a terminal. C1 is C2 80 to C2 9F.
  std::string line;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const auto byte = static_cast<unsigned char>(message[i]);
    const bool is_c1 = byte == 0xC2 && i + 1 < message.size() && static_cast<unsigned char>(message[i + 1]) < 0xA0;
    if (is_c1) ++i;
    line += is_c1 || byte < 0x20 || byte == 0x7F ? '?' : message[i];
  }
  std::fprintf(stderr, "towlctl: %s\n", line.c_str());
}

}  // namespace towlctl
