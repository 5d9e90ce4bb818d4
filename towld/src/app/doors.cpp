#include "app/doors.hpp"

#include <netdb.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "http/tls_http_stream.hpp"

namespace towld {

std::vector<std::string> own_host_names() {
  std::vector<std::string> names = {"localhost"};
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0') names.emplace_back(name.data());
  return names;
}

std::string full_host_name() {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  addrinfo* found = nullptr;
  if (getaddrinfo(own_host_names().back().c_str(), nullptr, &hints, &found) != 0) return "";
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  return found->ai_canonname == nullptr ? "" : found->ai_canonname;
}

towl::Result<Doors> Doors::open(const Config& config, const std::shared_ptr<spdlog::logger>& log) {
  Doors doors;
  doors.log_ = log;
  auto access = Access::open({.tokens = tokens_file_of(config),
                              .admin = config.store.path / kAdminTokenFile,
                              .failures_at_once = static_cast<double>(config.limits[Limit::bad_tokens])},
                             [log](const std::string& line) { log->warn("access: {}", line); },
                             {.org = config.store.org, .title = config.store.title});
  if (!access) return towl::fail(std::move(access.error()));
  doors.access_ = std::move(*access);
  if (config.listen.tls) {
    auto tls = LiveTls::open(*config.listen.tls);
    if (!tls) return towl::fail(std::move(tls.error()));
    doors.tls_ = std::move(*tls);
  }
  doors.host_names_ = own_host_names();
  doors.host_names_.insert(doors.host_names_.end(), config.listen.names.begin(), config.listen.names.end());
  return doors;
}

HttpStreamFactory Doors::http_streams() const {
  if (!tls_) return {};
  return [tls = tls_](HttpStream::Socket socket) -> std::unique_ptr<HttpStream> {
    Ssl ssl = tls->context().accept(socket.native_handle());
    if (!ssl) return nullptr;
    return std::make_unique<TlsHttpStream>(std::move(socket), TlsHttpStream::Ssl(ssl.release(), &SSL_free));
  };
}

// A browser that was led here by somebody else's name would refuse the certificate: names matter without TLS
// alone.
HttpGuard Doors::http_guard() const {
  return {.access = access_, .host_names = tls_ ? std::vector<std::string>() : host_names_};
}

void Doors::refresh_tls() {
  if (!tls_) return;
  const auto reloaded = tls_->reload();
  if (!reloaded) {
    std::string error = reloaded.error().to_string();
    if (error != last_tls_error_) log_->error("the certificates are as before: {}", error);
    last_tls_error_ = std::move(error);
    return;
  }
  last_tls_error_.clear();
  if (*reloaded) log_->info("the certificates were read again; connections that are open keep theirs");
}

}  // namespace towld
