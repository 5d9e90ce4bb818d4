#include "rpc/complete_connection.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

namespace towlctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultPort = ":50011";
constexpr std::size_t kMaxTokenFileBytes = 1024;
constexpr std::string_view kTokenDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void fill(std::string& value, const char* name) {
  if (value.empty()) value = environment(name);
}

/// Where a user keeps what a server wants; empty if there is no home folder.
fs::path folder_of(const std::string& server) {
  fs::path config(environment("XDG_CONFIG_HOME"));
  if (config.empty()) {
    const std::string home = environment("HOME");
    if (home.empty()) return {};
    config = fs::path(home) / ".config";
  }
  // A name must not be a path.
  if (server.find('/') != std::string::npos || server.starts_with('.')) return {};
  return config / "towl" / server;
}

void fill_from_file(std::string& value, const fs::path& folder, const char* name) {
  std::error_code error;
  if (value.empty() && !folder.empty() && fs::exists(folder / name, error)) value = (folder / name).string();
}

towl::Result<std::string> token_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return towl::fail(towl::error_from_errno(errno, "cannot read the token", path));
  std::string text(kMaxTokenFileBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  constexpr const char* kBlanks = " \t\r\n";
  text.erase(text.find_last_not_of(kBlanks) + 1);
  text.erase(0, text.find_first_not_of(kBlanks));
  if (text.empty()) return towl::fail(towl::ErrorCode::invalid_argument, "the file of the token is empty", path);
  return text;
}

}  // namespace

std::string with_port(const std::string& server) {
  if (server.starts_with("unix:") || server.find(':') != std::string::npos) {
    const bool bare_ipv6 = server.starts_with('[') && server.ends_with(']');
    return bare_ipv6 ? server + kDefaultPort : server;
  }
  return server + kDefaultPort;
}

towl::Result<Connection> complete_connection(const std::string& server, Connection connection) {
  fill(connection.ca, "TOWL_CA");
  fill(connection.cert, "TOWL_CERT");
  fill(connection.key, "TOWL_KEY");
  fill(connection.server_name, "TOWL_SERVER_NAME");
  if (connection.token.empty() && connection.token_file.empty()) {
    connection.token = environment("TOWL_TOKEN");
    if (connection.token.empty()) connection.token_file = environment("TOWL_TOKEN_FILE");
  }
  const fs::path folder = folder_of(server);
  if (!connection.plaintext && !connection.skip_verify) fill_from_file(connection.ca, folder, "ca.pem");
  if (connection.token.empty()) fill_from_file(connection.token_file, folder, "token");
  if (!connection.token.empty() || connection.token_file.empty()) return connection;
  auto token = token_in(connection.token_file);
  if (!token) return tl::unexpected(token.error());
  connection.token = std::move(*token);
  return connection;
}

std::string admin_token_in(const std::string& path) {
  if (fs::path(path).filename() != "admin.token") return "";
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return "";
  struct stat found {};
  std::array<char, 64> bytes{};
  const bool is_private = fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 077) == 0 &&
                          (found.st_uid == geteuid() || geteuid() == 0);
  const ssize_t got = is_private ? read(fd, bytes.data(), bytes.size()) : -1;
  close(fd);
  std::string_view token(bytes.data(), got < 0 ? 0 : static_cast<std::size_t>(got));
  if (token.ends_with('\n')) token.remove_suffix(1);
  constexpr std::string_view kPrefix = "towl_";
  const bool is_token = token.size() == 48 && token.starts_with(kPrefix) &&
                        token.find_first_not_of(kTokenDigits, kPrefix.size()) == std::string_view::npos;
  return is_token ? std::string(token) : "";
}

}  // namespace towlctl
