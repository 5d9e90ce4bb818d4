#include "inputs/file/path_fields.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace towld {
namespace {

constexpr std::size_t kContainerIdBytes = 64;

bool is_hexadecimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Takes the last name off a path.
std::string_view take_last(std::string_view& path) {
  const auto slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  return name;
}

std::vector<Field> fields_of(std::initializer_list<std::pair<std::string_view, std::string_view>> named) {
  std::vector<Field> fields;
  for (const auto& [name, value] : named) {
    if (!value.empty()) fields.push_back({std::string(name), std::string(value)});
  }
  return fields;
}

// …/pods/NAMESPACE_POD_UID/CONTAINER/N.log, also rotated: N.log.20260117-143000
std::vector<Field> fields_of_pod(std::string_view path) {
  const std::string_view file = take_last(path);
  const std::string_view container = take_last(path);
  std::string_view pod = take_last(path);
  if (take_last(path) != "pods" || container.empty()) return {};
  const auto first = pod.find('_');
  const auto last = pod.rfind('_');
  const auto digits = std::min(file.find_first_not_of("0123456789"), file.size());
  if (first == std::string_view::npos || first == last || digits == 0 || !file.substr(digits).starts_with(".log")) {
    return {};
  }
  return fields_of({{"k8s.namespace.name", pod.substr(0, first)},
                    {"k8s.pod.name", pod.substr(first + 1, last - first - 1)},
                    {"k8s.pod.uid", pod.substr(last + 1)},
                    {"k8s.container.name", container},
                    {"k8s.container.restart_count", file.substr(0, digits)}});
}

// …/containers/POD_NAMESPACE_CONTAINER-ID.log
std::vector<Field> fields_of_link(std::string_view path) {
  constexpr std::string_view kEnd = ".log";
  std::string_view name = take_last(path);
  if (take_last(path) != "containers" || !name.ends_with(kEnd)) return {};
  name.remove_suffix(kEnd.size());
  const auto dash = name.rfind('-');
  const auto first = name.find('_');
  const auto second = first == std::string_view::npos ? first : name.find('_', first + 1);
  if (dash == std::string_view::npos || second == std::string_view::npos || dash < second) return {};
  const std::string_view id = name.substr(dash + 1);
  if (id.size() != kContainerIdBytes || !is_hexadecimal(id)) return {};
  return fields_of({{"k8s.namespace.name", name.substr(first + 1, second - first - 1)},
                    {"k8s.pod.name", name.substr(0, first)},
                    {"k8s.container.name", name.substr(second + 1, dash - second - 1)},
                    {"container.id", id}});
}

}  // namespace

std::vector<Field> kubernetes_fields(std::string_view path) {
  auto fields = fields_of_pod(path);
  return fields.empty() ? fields_of_link(path) : fields;
}

towl::Result<std::shared_ptr<const PathFields>> PathFields::create(const std::string& pattern) {
  auto made = std::make_shared<PathFields>();
  if (pattern.empty()) return made;
  auto compiled = Pattern::compile(pattern, "path_pattern");
  if (!compiled) return towl::fail(std::move(compiled.error()));
  if (compiled->re2().CapturingGroupNames().empty()) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "path_pattern has no named group, e.g. /var/log/(?P<app>[^/]+)/", "path_pattern");
  }
  made->pattern_ = std::make_unique<const Pattern>(std::move(*compiled));
  return made;
}

std::vector<Field> PathFields::of(const std::string& path) const {
  std::vector<Field> fields = {{std::string(kPathField), path}};
  auto add = kubernetes_fields(path);
  if (add.empty()) {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    if (!error) add = kubernetes_fields(real.string());
  }
  fields.insert(fields.end(), add.begin(), add.end());
  if (!pattern_) return fields;
  const auto& names = pattern_->re2().CapturingGroupNames();
  std::vector<re2::StringPiece> found(static_cast<std::size_t>(pattern_->re2().NumberOfCapturingGroups()) + 1);
  if (!pattern_->match(path, found)) return fields;
  for (const auto& [group, name] : names) {
    const re2::StringPiece& text = found[static_cast<std::size_t>(group)];
    if (text.data() == nullptr) continue;
    std::erase_if(fields, [&name = name](const Field& field) { return field.name == name; });
    fields.push_back({name, std::string(text.data(), text.size())});
  }
  return fields;
}

}  // namespace towld
