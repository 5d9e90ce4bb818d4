#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "access/private_file.hpp"
#include "access/token.hpp"
#include "app/init_command.hpp"
#include "tls/fetch_ca.hpp"

namespace towld {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultPort = "50011";

/// What is typed is not shown, while it lives and standard input is a terminal.
class HiddenInput {
 public:
  HiddenInput() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    std::fputs("token: ", stderr);
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;
  ~HiddenInput() {
    if (!is_terminal_) return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::fputs("\n", stderr);
  }

 private:
  termios before_{};
  const bool is_terminal_;
};

towl::Result<std::string> read_token() {
  if (const char* token = std::getenv("TOWL_TOKEN"); token != nullptr && *token != '\0') return std::string(token);
  if (const char* file = std::getenv("TOWL_TOKEN_FILE"); file != nullptr && *file != '\0') return read_token_file(file);
  std::array<char, 4 * kTokenCharacters> line{};
  const HiddenInput hidden;
  if (std::fgets(line.data(), line.size(), stdin) == nullptr) line[0] = '\0';
  std::string token(line.data());
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  token.erase(0, token.find_first_not_of(" \t"));
  return token;
}

std::string configuration(const InitClientOptions& options, const ServerAddress& server) {
  const std::string folder = options.folder.string();
  return "# An agent: it forwards this machine's logs. See towld/README.md for all keys.\n"
         "store:\n"
         "  path: \"" +
         options.store.string() +
         "\"      # the buffer, if the collector cannot be reached\n"
         "  retain: { max_age: 7d, max_bytes: 10GiB }\n"
         "inputs:\n"
         "  - { type: journald }\n"
         "  # - { name: nginx, type: file, include: [\"/var/log/nginx/*.log\"], parsers: [combined] }\n"
         "outputs:\n"
         "  - type: towl\n"
         "    remote: \"" +
         server.text() +
         "\"\n"
         "    tls: { ca: \"" +
         folder +
         "/agent-ca.pem\" }\n"
         "    token_file: \"" +
         folder +
         "/agent.token\"\n"
         "# It listens nowhere: it serves nobody.\n";
}

}  // namespace

std::string ServerAddress::text() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

towl::Result<ServerAddress> parse_server(std::string text) {
  const std::string given = text;
  const auto wrong = [&] {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "\"" + given + "\" is no address: write it as HOST or HOST:PORT, e.g. collector.example:50011");
  };
  constexpr std::string_view kScheme = "https://";
  if (text.starts_with(kScheme)) text.erase(0, kScheme.size());
  if (text.ends_with('/')) text.pop_back();
  ServerAddress address{.host = text, .port = kDefaultPort};
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string::npos) return wrong();
    address.host = text.substr(1, end - 1);
    if (end + 1 < text.size()) {
      if (text[end + 1] != ':') return wrong();
      address.port = text.substr(end + 2);
    }
  } else if (const auto colon = text.find(':'); colon != std::string::npos) {
    if (text.find(':', colon + 1) != std::string::npos) return wrong();
    address.host = text.substr(0, colon);
    address.port = text.substr(colon + 1);
  }
  const bool is_port = !address.port.empty() && address.port.size() <= 5 &&
                       address.port.find_first_not_of("0123456789") == std::string::npos;
  const bool is_host = !address.host.empty() && address.host.find_first_of("/\\\"$ \t\r\n@") == std::string::npos;
  if (!is_port || !is_host) return wrong();
  return address;
}

towl::Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  if (!fs::create_directories(folder, error) && error) {
    return towl::fail(towl::error_from_errno(error.value(), "cannot make the folder", folder.string()));
  }
  fs::permissions(folder, fs::perms(0750), error);
  return {};
}

towl::Result<void> init_client(const InitClientOptions& options) {
  const auto server = parse_server(options.server);
  if (!server) return towl::fail(server.error());
  if (!hash_of_hex(options.ca_sha256)) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "--ca-sha256 must have the 64 hexadecimal digits that `towld init --collector` printed");
  }
  const auto ca = fetch_ca(server->host, server->port, options.ca_sha256);
  if (!ca) return towl::fail(ca.error());
  const auto token = read_token();
  if (!token) return towl::fail(token.error());
  if (!is_token(*token)) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "that is no token: it begins with towl_ and has 48 characters, as towld printed it");
  }
  if (auto made = make_folder(options.folder); !made) return made;
  const fs::path ca_file = options.folder / (options.is_agent ? "agent-ca.pem" : "ca.pem");
  auto written = replace_file(ca_file, *ca, 0600);
  if (written)
    written = replace_file(options.folder / (options.is_agent ? "agent.token" : "token"), *token + "\n", 0600);
  if (!written) return written;
  if (!options.is_agent) {
    std::printf("towlctl --server %s now finds CA and token in %s\n", server->text().c_str(), options.folder.c_str());
    return {};
  }
  const fs::path yaml = options.folder / "agent.yaml";
  std::error_code error;
  if (!fs::exists(yaml, error)) {
    if (auto done = replace_file(yaml, configuration(options, *server), 0644); !done) return done;
  }
  std::printf(
      "What to collect is in %s. Start it:\n  towld --config %s        (as a service: systemctl enable --now "
      "towld-agent)\n",
      yaml.c_str(), yaml.c_str());
  return {};
}

}  // namespace towld
