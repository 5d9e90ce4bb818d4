// The row of inputs of type `stdin`.
#include "config/part_type.hpp"
#include "inputs/input_type.hpp"
#include "inputs/stdin/stdin_input.hpp"

namespace towld {
namespace {

towl::Result<std::unique_ptr<Input>> start(const Settings&, InputContext context, const InputServices& services) {
  return as_input(StdinInput::start(std::move(context), {.at_end = services.ended}));
}

}  // namespace

extern const InputType kStdinInput = {.name = "stdin", .read = read_no_settings, .start = start};

}  // namespace towld
