// Contexts are the collectors that a user works with, by name, in one small file; one of them is the current one:
//
//   current-context: office
//   contexts:
//     office: { server: logs.example.com, store: /data/office-logs }
//     here: { server: 127.0.0.1:50011 }
//
// $TOWL_SERVER, $TOWL_STORE and options override it. The file is read when it is needed: it is small, and often absent.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "towl/result.hpp"

namespace towlctl {

struct Context {
  std::string name;
  std::string server = {};  ///< HOST:PORT; never empty.
  std::string store = {};   ///< Folder of its mirror; empty: the default one of the server.
};

struct Contexts {
  std::string current = {};       ///< A name; empty: none.
  std::vector<Context> all = {};  ///< In the order of the file.

  /// nullptr if there is none of that name. Valid until `all` changes.
  const Context* find(const std::string& name) const;

  /// Puts `context` in the place of the one with its name, or at the end.
  void set(Context context);
};

/// $TOWL_CONFIG, else towl/config.yaml in $XDG_CONFIG_HOME, else ~/.config/towl/config.yaml.
std::filesystem::path contexts_path();

/// What the file says; nothing if there is no file. Errors: io; invalid_argument with the line, for a file that is not
/// such YAML, an unknown key, a context without a server, and a current context that does not exist.
towl::Result<Contexts> read_contexts(const std::filesystem::path& path);

/// Writes the whole file, with its folder if need be. A crash leaves the old file or the new one. Errors: io.
towl::Result<void> write_contexts(const std::filesystem::path& path, const Contexts& contexts);

/// The context in use: that of $TOWL_CONTEXT, else the current one. nullptr: none.
/// Errors: not_found, if $TOWL_CONTEXT names one that is not there.
towl::Result<const Context*> context_in_use(const Contexts& contexts);

}  // namespace towlctl
