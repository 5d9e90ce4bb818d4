// No two types of one namespace share a name: each file would compile, and the linker would take the functions of one
// for the other's (C++20, [basic.def.odr]). Those in unnamed namespaces are safe. Nor has an alias in a header the name of
// another type: who includes both headers could not compile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "architecture/includes.hpp"

namespace towl::architecture {
namespace {

/// Code without comments and without what is in quotes: braces in these do not count.
std::string code_of(std::string_view text) {
  std::string code;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i).starts_with("R\"")) {
      const auto open = text.find('(', i);
      const std::string close = ")" + std::string(text.substr(i + 2, open - i - 2)) + "\"";
      const auto end = text.find(close, open);
      i = end == std::string_view::npos ? text.size() : end + close.size();
    } else if (text.substr(i).starts_with("//")) {
      i = std::min(text.find('\n', i), text.size());
    } else if (text[i] == '"' || (text[i] == '\'' && (code.empty() || std::isalnum(code.back()) == 0))) {
      const char quote = text[i++];
      while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
      ++i;
    } else {
      code += text[i++];
    }
  }
  return code;
}

struct Names {
  std::set<std::string> types;
  std::set<std::string> aliases;
};

/// The types and aliases that `text` defines at the level of a named namespace, each with the namespace before it.
Names names_of(std::string_view text) {
  static const std::regex kNamespace(R"(namespace\s*([\w:]*)\s*$)");
  static const std::regex kType(
      R"((?:^|\s)(?:struct|class|union|enum(?:\s+class)?)\s+(\w+)\s*(?:final)?\s*(?::[^:][^;]*)?$)");
  static const std::regex kAlias(R"(^\s*using\s+(\w+)\s*=)");
  const std::string code = code_of(text);
  Names names;
  std::vector<std::string> scopes;  // Names of namespaces; "{" for anything else.
  std::size_t begin = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] != '{' && code[i] != '}' && code[i] != ';') continue;
    const std::string head = code.substr(begin, i - begin);
    begin = i + 1;
    if (code[i] == '}' && !scopes.empty()) scopes.pop_back();
    if (code[i] == '}') continue;
    std::smatch found;
    if (code[i] == '{' && std::regex_search(head, found, kNamespace)) {
      scopes.push_back(found[1]);
      continue;
    }
    const bool is_named = std::none_of(scopes.begin(), scopes.end(),
                                       [](const std::string& scope) { return scope.empty() || scope == "{"; });
    if (is_named && std::regex_search(head, found, code[i] == '{' ? kType : kAlias)) {
      std::string name;
      for (const std::string& scope : scopes) name += scope + "::";
      (code[i] == '{' ? names.types : names.aliases).insert(name + found[1].str());
    }
    if (code[i] == '{') scopes.emplace_back("{");
  }
  return names;
}

TEST(TypeNames, AreOfOneTypeEach) {
  std::map<std::string, std::string> file_of;
  std::map<std::string, std::string> header_of;  // Of aliases.
  for (const char* folder : {"libtowl", "towld", "towlctl"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".cpp" && path.extension() != ".hpp") continue;
      std::ifstream file(path);
      const Names names = names_of(std::string(std::istreambuf_iterator<char>(file), {}));
      for (const std::string& type : names.types) {
        const auto [place, is_new] = file_of.try_emplace(type, path.string());
        EXPECT_TRUE(is_new) << type << " is a type of " << place->second << " and another one of " << path;
      }
      if (path.extension() != ".hpp") continue;
      for (const std::string& alias : names.aliases) {
        const auto [place, is_new] = header_of.try_emplace(alias, path.string());
        EXPECT_TRUE(is_new) << alias << " is an alias of " << place->second << " and another one of " << path;
      }
    }
  }
  for (const auto& [alias, header] : header_of) {
    EXPECT_FALSE(file_of.contains(alias))
        << alias << " is an alias of " << header << " and a type of " << file_of[alias];
  }
  EXPECT_GT(header_of.size(), 20U);
  EXPECT_GT(file_of.size(), 400U) << "the test found hardly any type: has the style changed?";
}

TEST(TypeNames, AreSeenWhereTheyCount) {
  EXPECT_THAT(names_of("namespace a {\nstruct B { int c; struct D {}; };\nnamespace { class E {}; }\n}").types,
              testing::ElementsAre("a::B"));
  EXPECT_THAT(names_of("namespace a::b {\n/// }\nenum class C : int { d };\nclass E final : public F<G> { H h = "
                       "{\"}\", '}'}; };\n}")
                  .types,
              testing::ElementsAre("a::b::C", "a::b::E"));
  EXPECT_THAT(names_of("namespace a {\nclass B;\nvoid f() { struct C {}; }\n}").types, testing::IsEmpty());
  EXPECT_THAT(
      names_of("namespace a {\nusing B = int;\nusing c::D;\nstruct E { using F = int; };\n/// G\nusing H = I<J>;\n"
               "void f() { using K = int; }\n}\nnamespace { using L = int; }")
          .aliases,
      testing::ElementsAre("a::B", "a::H"));
}

}  // namespace
}  // namespace towl::architecture
