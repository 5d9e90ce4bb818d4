// The rows of outputs that are clients over HTTP, whose module is web_module.cpp.
#include "modules/loaded_types.hpp"

namespace towld {
namespace {

constexpr LoadedType in_web_module(std::string_view name) {
  return {name, "libtowld_web.so", "sends over HTTP", "libcurl"};
}

constexpr LoadedType kHttp = in_web_module("http");
constexpr LoadedType kElasticsearch = in_web_module("elasticsearch");
constexpr LoadedType kLoki = in_web_module("loki");
constexpr LoadedType kS3 = in_web_module("s3");

}  // namespace

extern const OutputType kHttpOutput = loaded_output<kHttp>();
extern const OutputType kElasticsearchOutput = loaded_output<kElasticsearch>();
extern const OutputType kLokiOutput = loaded_output<kLoki>();
extern const OutputType kS3Output = loaded_output<kS3>();

}  // namespace towld
