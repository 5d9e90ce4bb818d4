// The row of the protocol `ingest`.
#include <array>
#include <memory>

#include "inputs/http/ingest/ingest_protocol.hpp"

namespace towld {
namespace {

constexpr std::array<InputPath, 1> kPaths = {{{kIngestPath}}};

std::unique_ptr<HttpProtocol> make() { return std::make_unique<IngestProtocol>(); }

}  // namespace

extern const HttpProtocolType kIngestProtocol = {"ingest", kPaths, make};

}  // namespace towld
