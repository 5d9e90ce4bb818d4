#include "config/bounded_yaml.hpp"

#include <yaml-cpp/eventhandler.h>

#include <cstddef>
#include <sstream>

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

/// Counts what a parser comes to.
class Outline final : public YAML::EventHandler {
 public:
  std::optional<int> second() const { return second_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ == 1) second_ = mark.line + 1;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { count(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { count(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string&) override {
    count(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    count(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    count(mark);
  }
  void OnMapEnd() override {}

 private:
  void count(const YAML::Mark& mark) {
    if (++values_ > kMaxConfigValues) throw YAML::ParserException(mark, "too many values");
    // What stands in it says more than where the line before it is.
    if (second_ && !has_value_) second_ = mark.line + 1;
    has_value_ = second_.has_value();
  }

  std::size_t documents_ = 0;
  std::size_t values_ = 0;
  std::optional<int> second_;
  bool has_value_ = false;  // Of the second one.
};

}  // namespace

std::optional<int> second_document(const std::string& yaml) {
  std::istringstream text(yaml);
  YAML::Parser parser(text);
  Outline outline;
  for (int i = 0; i < 2 && parser.HandleNextDocument(outline); ++i) {
  }
  return outline.second();
}

bool is_bounded(const YAML::Node& document) {
  std::size_t left = kMaxConfigValues;
  return take(document, 0, left);
}

}  // namespace towld
