// ParserChain takes a draft through an input's parsers, one after the other.
//
// A parser that cannot make sense of a draft leaves it as it was and is counted; the draft goes on.
// Threads: apply() from any thread; the chain does not change.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "parse/draft.hpp"

namespace towld {

class JoinRule;

/// What became of a draft.
enum class Verdict {
  keep,
  drop,  ///< A parser was told to drop such drafts.
};

/// One step.
class Parser {
 public:
  virtual ~Parser() = default;

  enum class Outcome {
    done,
    failed,  ///< The draft is not what this parser is for; it is unchanged.
    drop,
  };

  /// Any thread.
  virtual Outcome apply(Draft& draft) const = 0;

  /// Of a step that joins lines; see JoinState.
  virtual const JoinRule* join_rule() const { return nullptr; }

  /// Its texts come from a container's runtime.
  virtual bool is_of_containers() const { return false; }
};

class ParserChain {
 public:
  explicit ParserChain(std::vector<std::unique_ptr<const Parser>> parsers = {}) : parsers_(std::move(parsers)) {}

  bool empty() const { return parsers_.empty(); }

  const std::vector<std::unique_ptr<const Parser>>& steps() const { return parsers_; }

  /// A step joins lines: the source must keep what waits.
  bool joins() const {
    return std::any_of(parsers_.begin(), parsers_.end(), [](const auto& step) { return step->join_rule() != nullptr; });
  }

  /// `failures` counts the drafts that at least one parser failed on.
  Verdict apply(Draft& draft, std::atomic<std::uint64_t>& failures) const {
    bool failed = false;
    for (const auto& parser : parsers_) {
      switch (parser->apply(draft)) {
        case Parser::Outcome::done:
          break;
        case Parser::Outcome::failed:
          failed = true;
          break;
        case Parser::Outcome::drop:
          return Verdict::drop;
      }
    }
    if (failed) failures.fetch_add(1, std::memory_order_relaxed);
    return Verdict::keep;
  }

 private:
  std::vector<std::unique_ptr<const Parser>> parsers_;
};

}  // namespace towld
