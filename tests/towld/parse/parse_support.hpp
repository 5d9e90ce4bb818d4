// Makes parsers from a configuration as users write it, and shows what they make of a text.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "config/read_config.hpp"
#include "parse/make_parsers.hpp"
#include "parse/parser_types.hpp"

namespace towld::test {

/// The chain of `parsers`, a YAML list.
inline towl::Result<ParserChain> make_chain(const std::string& parsers) {
  Config config;
  const auto none = [](const std::string&) { return std::optional<std::string>(); };
  const PartTypes types = {.inputs = {{"stdin", read_no_settings}}, .parsers = part_types(parser_types())};
  const std::string yaml = "inputs:\n- type: stdin\n  parsers: " + parsers + "\n";
  const auto done = read_document(yaml, "towld.yaml", none, types, config);
  if (!done) return towl::fail(done.error());
  return make_parsers(config.inputs.at(0).parsers);
}

inline std::string error_of(const std::string& parsers) {
  const auto chain = make_chain(parsers);
  return chain ? "no error" : chain.error().to_string();
}

struct Parsed {
  Draft draft = {};
  Verdict verdict = Verdict::keep;
  bool failed = false;

  /// The fields by name; JSON ones as their JSON text.
  std::map<std::string, std::string> fields() const {
    std::map<std::string, std::string> fields;
    for (const Field& field : draft.fields) {
      EXPECT_TRUE(fields.emplace(field.name, field.value).second) << field.name << " is there twice";
    }
    return fields;
  }
  std::string field(const std::string& name) const {
    const Field* field = draft.find(name);
    return field != nullptr ? field->value : "(none)";
  }
};

inline Parsed parse(const std::string& parsers, Draft draft) {
  const auto chain = make_chain(parsers);
  EXPECT_TRUE(chain) << chain.error().to_string();
  Parsed parsed;
  parsed.draft = std::move(draft);
  std::atomic<std::uint64_t> failures = 0;
  if (chain) parsed.verdict = chain->apply(parsed.draft, failures);
  parsed.failed = failures > 0;
  return parsed;
}

inline Parsed parse(const std::string& parsers, const std::string& text) {
  Draft draft;
  draft.text = text;
  return parse(parsers, std::move(draft));
}

/// The parser fails, and leaves the draft alone.
inline void expect_refused(const std::string& parsers, const std::string& text) {
  SCOPED_TRACE(text.substr(0, 100));
  const Parsed parsed = parse(parsers, text);
  EXPECT_TRUE(parsed.failed);
  EXPECT_EQ(parsed.draft.text, text);
  EXPECT_TRUE(parsed.draft.fields.empty());
  EXPECT_EQ(parsed.draft.received, 0);
}

using Fields = std::map<std::string, std::string>;

}  // namespace towld::test
