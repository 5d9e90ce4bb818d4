// What comes by OTLP over gRPC is taken by the input that takes it over HTTP: with its parsers, labels and counters.
#pragma once

#include <memory>

#include "inputs/http/http_endpoint.hpp"
#include "rpc/otlp_service.hpp"

namespace towld {

/// Hands requests to the input that takes what is posted to /v1/logs. `endpoint`: nullptr if there is no HTTP.
TakeExport otlp_door(const std::shared_ptr<HttpEndpoint>& endpoint);

}  // namespace towld
