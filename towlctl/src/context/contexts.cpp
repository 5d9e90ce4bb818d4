#include "context/contexts.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

namespace towlctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCurrent = "current-context";
constexpr const char* kContexts = "contexts";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// What is wrong with a node, with its line.
tl::unexpected<towl::Error> wrong(const fs::path& path, const YAML::Mark& mark, const std::string& what) {
  const std::string line = mark.line >= 0 ? "line " + std::to_string(mark.line + 1) + ": " : "";
  return towl::fail(towl::ErrorCode::invalid_argument, line + what, path.string());
}

std::optional<std::string> text_of(const YAML::Node& node) {
  if (!node.IsScalar()) return std::nullopt;
  return node.Scalar();
}

towl::Result<Context> read_context(const fs::path& path, const std::string& name, const YAML::Node& node) {
  Context context{.name = name};
  if (!node.IsMap()) return wrong(path, node.Mark(), "context " + name + " is no map: { server: HOST:PORT }");
  for (const auto& member : node) {
    const std::string key = member.first.Scalar();
    const auto value = text_of(member.second);
    if (key != "server" && key != "store") {
      return wrong(path, member.first.Mark(), "unknown key \"" + key + "\"; a context has server and store");
    }
    if (!value) return wrong(path, member.second.Mark(), key + " is no text");
    (key == "server" ? context.server : context.store) = *value;
  }
  if (context.server.empty()) return wrong(path, node.Mark(), "context " + name + " has no server");
  return context;
}

towl::Result<Contexts> read_root(const fs::path& path, const YAML::Node& root) {
  Contexts contexts;
  if (root.IsNull()) return contexts;
  if (!root.IsMap()) return wrong(path, root.Mark(), "not a map with current-context and contexts");
  for (const auto& member : root) {
    const std::string key = member.first.Scalar();
    if (key == kCurrent) {
      const auto name = text_of(member.second);
      if (!name) return wrong(path, member.second.Mark(), "current-context is no name");
      contexts.current = *name;
    } else if (key == kContexts && member.second.IsMap()) {
      for (const auto& named : member.second) {
        auto context = read_context(path, named.first.Scalar(), named.second);
        if (!context) return tl::unexpected(context.error());
        contexts.set(std::move(*context));
      }
    } else if (key != kContexts || !member.second.IsNull()) {
      return wrong(path, member.first.Mark(),
                   key == kContexts ? "contexts is no map of names"
                                    : "unknown key \"" + key + "\"; there are current-context and contexts");
    }
  }
  if (!contexts.current.empty() && contexts.find(contexts.current) == nullptr) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "the current context, " + contexts.current + ", is not among the contexts: `towlctl config " +
                          "use-context NAME` chooses another",
                      path.string());
  }
  return contexts;
}

std::string yaml_of(const Contexts& contexts) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  if (!contexts.current.empty()) out << YAML::Key << kCurrent << YAML::Value << contexts.current;
  out << YAML::Key << kContexts << YAML::Value << YAML::BeginMap;
  for (const Context& context : contexts.all) {
    out << YAML::Key << context.name << YAML::Value << YAML::Flow << YAML::BeginMap;
    out << YAML::Key << "server" << YAML::Value << context.server;
    if (!context.store.empty()) out << YAML::Key << "store" << YAML::Value << context.store;
    out << YAML::EndMap << YAML::Block;
  }
  out << YAML::EndMap << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

}  // namespace

const Context* Contexts::find(const std::string& name) const {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Context& context) { return context.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void Contexts::set(Context context) {
  for (Context& known : all) {
    if (known.name != context.name) continue;
    known = std::move(context);
    return;
  }
  all.push_back(std::move(context));
}

fs::path contexts_path() {
  if (const auto path = environment("TOWL_CONFIG"); !path.empty()) return path;
  fs::path folder = environment("XDG_CONFIG_HOME");
  if (folder.empty()) folder = fs::path(environment("HOME")) / ".config";
  return folder / "towl" / "config.yaml";
}

towl::Result<Contexts> read_contexts(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error) && !error) return Contexts{};
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf() || file.peek() == std::ifstream::traits_type::eof())) {
    return towl::fail(towl::ErrorCode::io, "cannot read it", path.string());
  }
  try {  // yaml-cpp reports by exception; it ends here.
    return read_root(path, YAML::Load(text.str()));
  } catch (const YAML::Exception& exception) {
    return wrong(path, exception.mark, exception.msg);
  }
}

towl::Result<void> write_contexts(const fs::path& path, const Contexts& contexts) {
  const auto failed = [&](const std::error_code& error) {
    return towl::fail(towl::ErrorCode::io, "cannot write it: " + error.message(), path.string());
  };
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) return failed(error);
  fs::path next = path;
  next += ".new";
  std::ofstream file(next, std::ios::trunc);
  file << yaml_of(contexts);
  file.close();
  if (!file) return failed(std::make_error_code(std::errc::io_error));
  fs::rename(next, path, error);
  if (error) return failed(error);
  return {};
}

towl::Result<const Context*> context_in_use(const Contexts& contexts) {
  const std::string chosen = environment("TOWL_CONTEXT");
  const std::string& name = chosen.empty() ? contexts.current : chosen;
  if (name.empty()) return nullptr;
  const Context* context = contexts.find(name);
  if (context != nullptr) return context;
  return towl::fail(towl::ErrorCode::not_found, "there is no context " + name +
                                                    " ($TOWL_CONTEXT): `towlctl config get-contexts` tells which "
                                                    "there are");
}

}  // namespace towlctl
