// The exports of the archive room as a module that is loaded: see archive/archive.hpp.
#include <cstdlib>

#include "archive/archive.hpp"
#include "archive/s3_archive.hpp"
#include "towl/version.hpp"

namespace {

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::string(otherwise) : std::string(value);
}

towl::Result<std::unique_ptr<towlctl::Archive>> open_archive() {
  auto credentials = towl::web::find_s3_credentials();
  if (!credentials) return towl::fail(std::move(credentials.error()));
  towl::web::S3Address address;
  address.endpoint = environment("AWS_ENDPOINT_URL_S3", environment("AWS_ENDPOINT_URL", "").c_str());
  address.region = environment("AWS_REGION", environment("AWS_DEFAULT_REGION", "us-east-1").c_str());
  if (!address.endpoint.empty()) {
    while (address.endpoint.ends_with('/')) address.endpoint.pop_back();
    if (const std::string wrong = towl::web::wrong_with_url(address.endpoint); !wrong.empty()) {
      return towl::fail(towl::ErrorCode::invalid_argument, "$AWS_ENDPOINT_URL " + wrong);
    }
  }
  return std::make_unique<towlctl::S3Archive>(address, std::move(*credentials),
                                              towl::web::ClientSecurity{.ca = environment("AWS_CA_BUNDLE", "")});
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const char* towl_module_version() { return towl::kVersion; }

extern "C" __attribute__((visibility("default"))) void towlctl_archive_open(
    towl::Result<std::unique_ptr<towlctl::Archive>>& archive) {
  archive = open_archive();
}
