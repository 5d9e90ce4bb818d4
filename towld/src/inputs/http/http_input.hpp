// HttpInput takes the entries that are posted to paths of the HTTP endpoint, each in its protocol. See HttpIntake.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "inputs/gatherer.hpp"
#include "inputs/http/http_endpoint.hpp"
#include "inputs/http/http_intake.hpp"
#include "inputs/input.hpp"
#include "limits/limits.hpp"
#include "towl/result.hpp"

namespace towld {

/// A protocol and its paths.
struct HttpPart {
  std::vector<std::string_view> paths;
  std::unique_ptr<HttpProtocol> protocol;
};

class HttpInput final : public Input {
 public:
  /// Errors: already_exists if another input has a path; invalid_argument if there is no `endpoint`.
  static towl::Result<std::unique_ptr<HttpInput>> start(InputContext context,
                                                        const std::shared_ptr<HttpEndpoint>& endpoint,
                                                        std::vector<HttpPart> parts);

  /// One protocol at one path.
  static towl::Result<std::unique_ptr<HttpInput>> start(InputContext context,
                                                        const std::shared_ptr<HttpEndpoint>& endpoint,
                                                        std::string_view path, std::unique_ptr<HttpProtocol> protocol);

  /// For start() alone.
  HttpInput() = default;

  void stop() override;

 private:
  std::shared_ptr<HttpEndpoint> endpoint_;
  std::vector<std::shared_ptr<HttpIntake>> intakes_;
  std::vector<std::shared_ptr<HttpSlot>> slots_;
};

}  // namespace towld
