#include "config/bounded_yaml.hpp"

#include <cstddef>

#include "limits/limits.hpp"

namespace towld {
namespace {

bool take(const YAML::Node& node, int depth, std::size_t& left) {
  if (depth > kMaxConfigDepth || left == 0) return false;
  --left;
  if (!node.IsMap() && !node.IsSequence()) return true;
  for (const auto& each : node) {
    // A sequence has values, a map pairs.
    if (node.IsSequence() ? !take(each, depth + 1, left)
                          : !take(each.first, depth + 1, left) || !take(each.second, depth + 1, left)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool is_bounded(const YAML::Node& document) {
  std::size_t left = kMaxConfigValues;
  return take(document, 0, left);
}

}  // namespace towld
