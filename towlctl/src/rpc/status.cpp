#include "rpc/status.hpp"

#include <array>
#include <string_view>

namespace towlctl {
namespace {

constexpr std::size_t kMaxMessageBytes = 300;

std::string_view name_of(grpc::StatusCode code) {
  static constexpr std::array<std::string_view, 17> kNames = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto at = static_cast<std::size_t>(code);
  return at < kNames.size() ? kNames[at] : "an unknown status";
}

PullFailure sort_status(const grpc::Status& status) {
  if (is_cut(status)) return PullFailure::cut;
  switch (status.error_code()) {
    case grpc::StatusCode::FAILED_PRECONDITION:
      return status.error_message().starts_with("DIVERGED") ? PullFailure::diverged : PullFailure::gone;
    case grpc::StatusCode::OUT_OF_RANGE:
      return PullFailure::diverged;
    case grpc::StatusCode::NOT_FOUND:
      return PullFailure::gone;
    default:
      return PullFailure::refused;
  }
}

}  // namespace

bool is_cut(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE || status.error_code() == grpc::StatusCode::CANCELLED;
}

PullError pull_error(const grpc::Status& status) { return {sort_status(status), describe(status)}; }

std::string describe(const grpc::Status& status) {
  std::string line(name_of(status.error_code()));
  const std::string said = status.error_message().substr(0, kMaxMessageBytes);
  if (!said.empty()) line += ": ";
  for (const char byte : said) {
    const auto value = static_cast<unsigned char>(byte);
    line += value < 0x20 || value == 0x7F ? '?' : byte;
  }
  return line;
}

}  // namespace towlctl
