// The row of inputs of type `file`.
#include "config/names.hpp"
#include "config/yaml_map.hpp"
#include "inputs/file/file_input.hpp"
#include "inputs/input_type.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

constexpr Names<Encoding, 4> kEncodings = {{
    {"utf-8", Encoding::utf8},
    {"utf-16le", Encoding::utf16le},
    {"utf-16be", Encoding::utf16be},
    {"latin1", Encoding::latin1},
}};

Settings read(YamlMap& map) {
  FileInputConfig file;
  map.texts("include", file.include);
  if (file.include.empty()) map.complain("include", "name at least one file, e.g. [\"/var/log/*.log\"]");
  map.texts("exclude", file.exclude);
  map.choice("read_from", kReadFrom, file.read_from);
  map.duration("ignore_older", file.ignore_older_ns);
  map.duration("rotate_wait", file.rotate_wait_ns);
  map.bytes("max_line_bytes", file.max_line_bytes);
  if (file.max_line_bytes > kMostEntryBytes) map.complain("max_line_bytes", "must be at most 16MiB");
  map.choice("encoding", kEncodings, file.encoding);
  map.map("fingerprint", [&](YamlMap& inner) { inner.bytes("bytes", file.fingerprint_bytes); });
  map.map("multiline", [&](YamlMap& inner) { read_multiline(inner, file.multiline.emplace()); });
  bool add_path = false;
  if (map.choice("add_path", kYesOrNo, add_path)) file.add_path = add_path;
  map.text("path_pattern", file.path_pattern);
  map.map("kubernetes", [&](YamlMap& inner) { read_kubernetes(inner, file.kubernetes.emplace()); });
  if (file.kubernetes && !file.add_path.value_or(true)) {
    map.complain("add_path", "kubernetes needs what the path says of a pod: leave add_path out");
  }
  return Settings::of(std::move(file));
}

towl::Result<std::unique_ptr<Input>> start(const Settings& settings, InputContext context, const InputServices&) {
  return as_input(FileInput::start(settings.as<FileInputConfig>(), std::move(context)));
}

towl::Result<void> check(const Settings& settings) { return FileInput::check(settings.as<FileInputConfig>()); }

}  // namespace

extern const InputType kFileInput = {
    .name = "file", .read = read, .start = start, .check = check, .joins_lines = true, .keeps_positions = true};

}  // namespace towld
