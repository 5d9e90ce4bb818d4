#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include "access/private_file.hpp"
#include "app/doors.hpp"
#include "app/edit_tokens.hpp"
#include "app/init_command.hpp"
#include "tls/make_certificates.hpp"

namespace towld {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> own_addresses() {
  std::vector<std::string> addresses;
  ifaddrs* found = nullptr;
  if (getifaddrs(&found) != 0) return addresses;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(found, &freeifaddrs);
  for (const ifaddrs* at = found; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = at->ifa_addr->sa_family;
    if (family == AF_INET) {
      inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr, text.data(), text.size());
    } else if (family == AF_INET6) {
      const in6_addr& host = reinterpret_cast<const sockaddr_in6*>(at->ifa_addr)->sin6_addr;
      if (IN6_IS_ADDR_LINKLOCAL(&host)) continue;  // Means nothing to another host.
      inet_ntop(AF_INET6, &host, text.data(), text.size());
    } else {
      continue;
    }
    addresses.emplace_back(text.data());
  }
  return addresses;
}

/// The name that others know this host by, as far as that can be told, comes first.
std::vector<std::string> names_of(const std::vector<std::string>& more) {
  std::vector<std::string> names = more;
  std::vector<std::string> own = {full_host_name()};
  const auto short_names = own_host_names();
  own.insert(own.end(), short_names.rbegin(), short_names.rend());  // "localhost" is the last one.
  const auto addresses = own_addresses();
  own.insert(own.end(), addresses.begin(), addresses.end());
  for (const std::string& name : own) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

towl::Result<std::string> contents_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return towl::fail(towl::error_from_errno(errno, "cannot read", file.string()));
  return std::string((std::istreambuf_iterator<char>(stream)), {});
}

/// The CA of the folder; made if there is none.
towl::Result<MadeCertificate> ca_of(const fs::path& folder, const std::string& name) {
  std::error_code error;
  if (fs::exists(folder / "ca.key", error)) {
    auto certificate = contents_of(folder / "ca.pem");
    auto key = contents_of(folder / "ca.key");
    if (!certificate) return towl::fail(std::move(certificate.error()));
    if (!key) return towl::fail(std::move(key.error()));
    return MadeCertificate{std::move(*certificate), std::move(*key)};
  }
  auto made = make_ca("towl CA of " + name);
  if (!made) return made;
  auto written = replace_file(folder / "ca.key", made->key, 0600);
  if (written) written = replace_file(folder / "ca.pem", made->certificate, 0644);
  if (!written) return towl::fail(std::move(written.error()));
  return made;
}

std::string quoted(const fs::path& path) {
  std::string text = "\"";
  for (const char c : path.string()) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
    if (c == '$') text += '$';
  }
  return text + "\"";
}

std::string configuration(const fs::path& store, const fs::path& tls) {
  return "# A collector: see towld/README.md for all keys. towld --config THIS --check-config says whether it is "
         "good.\n"
         "store:\n"
         "  path: " +
         quoted(store) +
         "\n"
         "  # retain: { max_age: 30d, max_bytes: 100GiB, keep_free: 5% }   # nothing is removed unless this says so\n"
         "listen:\n"
         "  grpc: \"0.0.0.0:50011\"        # agents and towlctl\n"
         "  http: \"0.0.0.0:3037\"         # POST /ingest, /query, /metrics; none: no HTTP\n"
         "  tls:                          # of both; read again when the files change\n"
         "    cert: " +
         quoted(tls / "server.pem") +
         "\n"
         "    key: " +
         quoted(tls / "server.key") +
         "\n"
         "    # client_ca: /etc/towl/clients.pem   # clients must also show a certificate that it signed\n"
         "# Tokens are in the store's folder, hashed: towld token create | list | revoke.\n"
         "inputs:\n"
         "  - { type: http }\n"
         "  # - { type: syslog, listen: \"udp://0.0.0.0:514\", allow: [10.0.0.0/8] }   # devices cannot do TLS\n";
}

void print_what_to_do(const fs::path& configuration, const std::string& name, const std::string& sha256,
                      const std::string& ingest, const std::string& read) {
  std::printf("Here:\n  towld --config %s        (as a service: systemctl enable --now towld)\n\n",
              configuration.c_str());
  if (ingest.empty()) {
    std::printf("There are tokens already: towld token list. CA's SHA-256:\n  %s\n", sha256.c_str());
    return;
  }
  std::printf(
      "On a host whose logs are to come here; it asks for the token:\n"
      "  towld init --agent %s --ca-sha256 %s\n"
      "  token: %s\n\n"
      "On a laptop, to read:\n"
      "  towld init --client %s --ca-sha256 %s\n"
      "  token: %s\n"
      "  towlctl sync --server %s\n\n"
      "Tokens are not shown again; more: towld token create --help\n",
      name.c_str(), sha256.c_str(), ingest.c_str(), name.c_str(), sha256.c_str(), read.c_str(), name.c_str());
}

}  // namespace

towl::Result<void> init_collector(const InitCollectorOptions& options) {
  const fs::path tls = options.store / "tls";
  for (const fs::path& folder : {options.folder, options.store, tls}) {
    if (auto made = make_folder(folder); !made) return made;
  }
  const std::vector<std::string> names = names_of(options.names);
  const auto ca = ca_of(options.folder, names.front());
  if (!ca) return towl::fail(ca.error());
  const auto server = make_server_certificate(*ca, names);
  if (!server) return towl::fail(server.error());
  // The owner is the folder's: a service with a user of its own reads them.
  auto written = replace_file(tls / "server.key", server->key, 0600, true);
  if (written) written = replace_file(tls / "server.pem", server->certificate, 0644, true);
  if (!written) return written;
  std::string ingest;
  std::string read;
  std::error_code error;
  const fs::path tokens = options.store / "tokens";
  if (!fs::exists(tokens, error)) {
    auto made = create_token(tokens, {.name = "agents", .scopes = {Scope::ingest}});
    if (!made) return towl::fail(std::move(made.error()));
    ingest = std::move(*made);
    made = create_token(tokens, {.name = "readers", .scopes = {Scope::read}});
    if (!made) return towl::fail(std::move(made.error()));
    read = std::move(*made);
  }
  const fs::path yaml = options.folder / "towld.yaml";
  if (!fs::exists(yaml, error)) {
    if (auto done = replace_file(yaml, configuration(options.store, tls), 0644); !done) return done;
  }
  const auto sha256 = fingerprint_of(ca->certificate);
  if (!sha256) return towl::fail(sha256.error());
  print_what_to_do(yaml, names.front(), *sha256, ingest, read);
  return {};
}

}  // namespace towld
