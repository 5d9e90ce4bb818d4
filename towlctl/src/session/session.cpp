#include "session/session.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "context/contexts.hpp"

namespace towlctl {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// The context in use; one without a server if there is none or it cannot be read: check_context() has reported that.
Context current_context() {
  const auto contexts = read_contexts(contexts_path());
  const auto context = contexts ? context_in_use(*contexts) : nullptr;
  return context && *context != nullptr ? **context : Context{};
}

}  // namespace

std::string default_server() {
  const auto server = environment("TOWL_SERVER");
  if (!server.empty()) return std::string(server);
  const std::string of_context = current_context().server;
  return of_context.empty() ? "127.0.0.1:50011" : of_context;
}

towl::Result<void> check_context() {
  const auto contexts = read_contexts(contexts_path());
  if (!contexts) return tl::unexpected(contexts.error());
  const auto context = context_in_use(*contexts);
  if (!context) return tl::unexpected(context.error());
  return {};
}

std::filesystem::path default_store(const std::string& server) {
  if (const auto store = environment("TOWL_STORE"); !store.empty()) return store;
  // A context's folder belongs to its own server only: the files of another server must not get into it.
  if (const Context context = current_context(); !context.store.empty() && context.server == server) {
    return context.store;
  }
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
  // Messages contain what others say, too: it must stay one line, and do nothing to a terminal. C1 is C2 80 to C2 9F.
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
