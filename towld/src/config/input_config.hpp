// InputConfig is all that can be set about an input. The keys are listed in README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/parser_config.hpp"
#include "config/source_text.hpp"

namespace towld {

enum class InputType { file, journald, syslog, http, stdin_ };

enum class ReadFrom { beginning, end };
enum class Encoding { utf8, utf16le, utf16be, latin1 };

struct MultilineConfig {
  std::string start_pattern = {};           ///< A text that matches begins an entry; others belong to the one before.
  std::string continue_pattern = {};        ///< A text that matches belongs to the entry before. One of the two is set.
  std::int64_t timeout_ns = 1'000'000'000;  ///< An entry is complete when nothing followed for so long.
  std::uint64_t max_lines = 1000;

  friend bool operator==(const MultilineConfig&, const MultilineConfig&) = default;
};

struct FileInputConfig {
  std::vector<std::string> include = {};  ///< Globs; `**` crosses folders.
  std::vector<std::string> exclude = {};
  ReadFrom read_from = ReadFrom::beginning;  ///< Of files that were never read.
  std::optional<std::int64_t> ignore_older_ns = {};
  std::int64_t rotate_wait_ns = 60'000'000'000;  ///< A file that is gone from its path is read on for so long.
  std::size_t max_line_bytes = std::size_t{1} << 20;
  Encoding encoding = Encoding::utf8;
  std::size_t fingerprint_bytes = 1024;
  std::optional<MultilineConfig> multiline = {};

  friend bool operator==(const FileInputConfig&, const FileInputConfig&) = default;
};

struct JournaldInputConfig {
  std::vector<std::string> units = {};  ///< Empty: all.
  std::string directory = {};           ///< Of journal files; empty: this machine's journal.
  ReadFrom read_from = ReadFrom::beginning;

  friend bool operator==(const JournaldInputConfig&, const JournaldInputConfig&) = default;
};

struct TlsConfig {
  std::string cert = {};  ///< PEM files.
  std::string key = {};
  std::string client_ca = {};  ///< Clients must show a certificate that it signed.

  friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

struct SyslogInputConfig {
  /// udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT, or systemd: the socket that it passes.
  std::string listen = {};
  std::optional<TlsConfig> tls = {};
  std::string time_zone = {};  ///< Of RFC 3164 times; empty: this machine's.
  std::uint64_t max_connections = 4096;

  friend bool operator==(const SyslogInputConfig&, const SyslogInputConfig&) = default;
};

struct InputConfig {
  std::string name = {};  ///< Unique; where it is not given, the type, with a number from the second on.
  InputType type = InputType::file;
  SourceText source_text = {};
  std::vector<ParserConfig> parsers = {};
  std::map<std::string, std::string> labels = {};
  std::optional<int> min_level = {};  ///< 0 emergency … 7 debug.
  FileInputConfig file = {};
  JournaldInputConfig journald = {};
  SyslogInputConfig syslog = {};

  friend bool operator==(const InputConfig&, const InputConfig&) = default;
};

}  // namespace towld
