#include "tls/live_tls.hpp"

#include <utility>

namespace towld {

towl::Result<std::shared_ptr<LiveTls>> LiveTls::open(const TlsConfig& config) {
  auto pem = read_pem(config);
  if (!pem) return towl::fail(std::move(pem.error()));
  auto context = TlsContext::make(*pem, config);
  if (!context) return towl::fail(std::move(context.error()));
  return std::make_shared<LiveTls>(config, std::move(*pem), std::move(*context));
}

TlsContext LiveTls::context() const {
  std::lock_guard lock(mutex_);
  return context_;
}

LiveTls::Version LiveTls::version() const {
  std::lock_guard lock(mutex_);
  return {number_, pem_};
}

std::uint64_t LiveTls::version_number() const {
  std::lock_guard lock(mutex_);
  return number_;
}

towl::Result<bool> LiveTls::reload() {
  auto pem = read_pem(config_);
  if (!pem) return towl::fail(std::move(pem.error()));
  {
    std::lock_guard lock(mutex_);
    if (*pem == pem_) return false;
  }
  auto context = TlsContext::make(*pem, config_);
  if (!context) return towl::fail(std::move(context.error()));
  std::lock_guard lock(mutex_);
  pem_ = std::move(*pem);
  context_ = std::move(*context);
  ++number_;
  return true;
}

}  // namespace towld
