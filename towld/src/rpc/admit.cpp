#include "rpc/admit.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

#include "rpc/messages.hpp"
#include "rpc/peer.hpp"
#include "rpc/server.hpp"

namespace towld {
namespace {

/// "T" of "Bearer T"; anything else as it is: a bad token, not a missing one.
std::string_view token_of(const grpc::CallbackServerContext& context) {
  constexpr std::string_view kBearer = "Bearer ";
  const auto found = context.client_metadata().find("authorization");
  if (found == context.client_metadata().end()) return {};
  const std::string_view value(found->second.data(), found->second.size());
  return value.starts_with(kBearer) ? value.substr(kBearer.size()) : value;
}

grpc::Status status_of(Decision decision, Need need) {
  switch (decision) {
    case Decision::granted:
      return grpc::Status::OK;
    case Decision::unknown:
      return revoked_status();
    case Decision::forbidden:
      return {grpc::StatusCode::PERMISSION_DENIED,
              "the token does not allow this: it needs the scope " + std::string(name_of(kScopes, scope_of(need)))};
    case Decision::too_many:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many bad tokens from there: try again later"};
  }
  return revoked_status();
}

}  // namespace

Admitted admit(Access& access, grpc::CallbackServerContext& context, Need need) {
  const std::string peer = peer_host(context.peer());
  Admission admission = access.check(token_of(context), need, peer);
  Admitted admitted{status_of(admission.decision, need), std::move(admission.grant)};
  const bool is_near = is_loopback(peer.find(':') == std::string::npos ? peer + ":0" : "[" + peer + "]:0");
  if (!admitted.status.ok() && is_near && !access.admin_token_file().empty()) {
    std::error_code error;
    const auto path = std::filesystem::absolute(access.admin_token_file(), error).string();
    // Metadata is printable ASCII; other paths are not told.
    const bool is_plain = std::all_of(path.begin(), path.end(), [](char c) { return c >= ' ' && c < 0x7f; });
    if (!error && is_plain) context.AddTrailingMetadata(kAdminTokenMetadata, path);
  }
  return admitted;
}

}  // namespace towld
