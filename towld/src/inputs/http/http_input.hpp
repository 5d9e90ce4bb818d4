// HttpInput takes the entries that are posted to one path of the HTTP endpoint, in one protocol. See HttpIntake.
#pragma once

#include <memory>
#include <string_view>

#include "inputs/gatherer.hpp"
#include "inputs/http/http_endpoint.hpp"
#include "inputs/http/http_intake.hpp"
#include "inputs/input.hpp"
#include "limits/limits.hpp"
#include "towl/result.hpp"

namespace towld {

class HttpInput final : public Input {
 public:
  /// Errors: already_exists where another input has the path; invalid_argument where there is no `endpoint`.
  static towl::Result<std::unique_ptr<HttpInput>> start(InputContext context,
                                                        const std::shared_ptr<HttpEndpoint>& endpoint,
                                                        std::string_view path, std::unique_ptr<HttpProtocol> protocol,
                                                        const HttpLimits& limits = {});

  void stop() override;

  /// For start() alone.
  HttpInput(std::shared_ptr<HttpIntake> intake, std::shared_ptr<HttpSlot> slot)
      : intake_(std::move(intake)), slot_(std::move(slot)) {}

 private:
  std::shared_ptr<HttpIntake> intake_;
  std::shared_ptr<HttpSlot> slot_;
};

}  // namespace towld
