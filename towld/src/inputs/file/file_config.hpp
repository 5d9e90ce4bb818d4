// FileInputConfig is what can be set about an input of type `file` alone. The keys are listed in README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/read_from.hpp"
#include "inputs/kubernetes/kubernetes_config.hpp"
#include "parse/join_rule.hpp"

namespace towld {

enum class Encoding { utf8, utf16le, utf16be, latin1 };

struct FileInputConfig {
  std::vector<std::string> include = {};  ///< Globs; `**` crosses folders.
  std::vector<std::string> exclude = {};
  ReadFrom read_from = ReadFrom::beginning;  ///< Of files that were never read.
  std::optional<std::int64_t> ignore_older_ns = {};
  std::int64_t rotate_wait_ns = 60'000'000'000;  ///< A file that is gone from its path is read on for so long.
  std::size_t max_line_bytes = 0;                ///< 0: what an entry may have.
  Encoding encoding = Encoding::utf8;
  std::size_t fingerprint_bytes = 1024;
  std::optional<MultilineConfig> multiline = {};
  std::optional<bool> add_path =
      {};  ///< LOG_FILE_PATH, and what Kubernetes' paths say; unset: with docker, cri or a pattern.
  std::string path_pattern = {};  ///< A regular expression whose named groups become fields.
  std::optional<KubernetesConfig> kubernetes = {};  ///< Labels of pods are asked for.

  friend bool operator==(const FileInputConfig&, const FileInputConfig&) = default;
};

}  // namespace towld
