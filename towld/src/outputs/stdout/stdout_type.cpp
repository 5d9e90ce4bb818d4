// The row of outputs of type `stdout`.
#include "config/yaml_map.hpp"
#include "outputs/following_output.hpp"
#include "outputs/output_type.hpp"
#include "outputs/text_output_config.hpp"
#include "outputs/text_sink.hpp"

namespace towld {
namespace {

constexpr Names<OutputFormat, 2> kFormats = {{{"json", OutputFormat::json}, {"console", OutputFormat::console}}};

Settings read(YamlMap& map) {
  TextOutputConfig config;
  map.choice("format", kFormats, config.format);
  map.choice("from", kReadFrom, config.from);
  return Settings::of(config);
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  const auto& config = settings.as<TextOutputConfig>();
  return FollowingOutput::start(std::move(context), config.from,
                                std::make_unique<TextSink>(config.format, Target::descriptor(1)));
}

}  // namespace

extern const OutputType kStdoutOutput = {.name = "stdout", .read = read, .start = start};

}  // namespace towld
