// MinuteReport says what each input and output did since it was last asked: a line each, if there was anything.
//
//     input nginx: 1200 entries, 3 rejected, 0 dropped, 118342 bytes, backlog 0 entries, 0 bytes
//     output all: 1197 entries, 131020 bytes, 0 failures, backlog 0 entries, 0 bytes
//
// An input's backlog is what it has read and not stored yet, and what its files have that it has not read. An output
// that makes no progress is reported as long as it has a backlog.
// Threads: one at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/input_counters.hpp"
#include "inputs/input_status.hpp"
#include "outputs/output_status.hpp"

namespace towld {

class MinuteReport {
 public:
  template <class T>
  using Named = std::vector<std::pair<std::string, T>>;

  /// `counters` are of all inputs that ran since the start; `inputs` and `outputs` of those that run now.
  std::vector<std::string> lines(const Named<std::shared_ptr<InputCounters>>& counters,
                                 const Named<InputStatus>& inputs, const Named<OutputStatus>& outputs);

 private:
  struct InputTotals {
    std::uint64_t received = 0;
    std::uint64_t rejected = 0;
    std::uint64_t dropped = 0;
    std::uint64_t bytes = 0;

    friend bool operator==(const InputTotals&, const InputTotals&) = default;
  };
  struct OutputTotals {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t failures = 0;

    friend bool operator==(const OutputTotals&, const OutputTotals&) = default;
  };

  std::map<std::string, InputTotals> inputs_;
  std::map<std::string, OutputTotals> outputs_;
};

}  // namespace towld
