// The row of inputs of type `http`.
#include <array>

#include "config/part_type.hpp"
#include "inputs/http/http_input.hpp"
#include "inputs/http/ingest/ingest_protocol.hpp"
#include "inputs/input_type.hpp"

namespace towld {
namespace {

constexpr std::array kPaths = {kIngestPath};

towl::Result<std::unique_ptr<Input>> start(const Settings&, InputContext context, const InputServices& services) {
  return as_input(HttpInput::start(std::move(context), services.http, kIngestPath, std::make_unique<IngestProtocol>()));
}

}  // namespace

extern const InputType kHttpInput = {
    .name = "http", .read = read_no_settings, .start = start, .answers = true, .paths = kPaths};

}  // namespace towld
