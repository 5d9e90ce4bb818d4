// add, rename, remove: fields by name; MESSAGE is the text. What is not there is passed over.
#include <map>
#include <utility>
#include <vector>

#include "parse/members.hpp"
#include "parse/parser_type.hpp"

namespace towld {
namespace {

class AddParser : public Parser {
 public:
  explicit AddParser(std::map<std::string, std::string> fields) : fields_(std::move(fields)) {}

  Outcome apply(Draft& draft) const override {
    for (const auto& [name, value] : fields_) set_value(draft, name, value);
    return Outcome::done;
  }

 private:
  std::map<std::string, std::string> fields_;
};

class RenameParser : public Parser {
 public:
  explicit RenameParser(std::map<std::string, std::string> names) : names_(std::move(names)) {}

  Outcome apply(Draft& draft) const override {
    for (const auto& [from, to] : names_) {
      if (from == to) continue;
      if (from == field::kMessage) {
        draft.set(to, draft.text);
        draft.text.clear();
        continue;
      }
      const Field* field = draft.find(from);
      if (field == nullptr) continue;
      const Field moved = *field;
      draft.remove(from);
      set_value(draft, to, moved.value, moved.is_json);
    }
    return Outcome::done;
  }

 private:
  std::map<std::string, std::string> names_;  ///< Old and new.
};

class RemoveParser : public Parser {
 public:
  explicit RemoveParser(std::vector<std::string> names) : names_(std::move(names)) {}

  Outcome apply(Draft& draft) const override {
    for (const std::string& name : names_) {
      if (name == field::kMessage) {
        draft.text.clear();
      } else {
        draft.remove(name);
      }
    }
    return Outcome::done;
  }

 private:
  std::vector<std::string> names_;
};

using NamedValues = std::map<std::string, std::string>;
using FieldNames = std::vector<std::string>;

Settings read_named_values(YamlMap& map, std::string_view type, std::string_view example) {
  NamedValues fields;
  map.text_map("fields", fields);
  require(map, !fields.empty(), type, "fields", example);
  return Settings::of(std::move(fields));
}

Settings read_add(YamlMap& map) { return read_named_values(map, "add", "fields: { app: shop }"); }

Settings read_rename(YamlMap& map) { return read_named_values(map, "rename", "fields: { old: new }"); }

Settings read_remove(YamlMap& map) {
  FieldNames names;
  map.texts("fields", names);
  require(map, !names.empty(), "remove", "fields", "fields: [password]");
  return Settings::of(std::move(names));
}

template <class FieldsParser, class Fields>
MadeParser make_fields_parser(const Settings& settings, const std::string&) {
  return std::make_unique<FieldsParser>(settings.as<Fields>());
}

}  // namespace

extern const ParserType kAddParser = {"add", read_add, make_fields_parser<AddParser, NamedValues>};
extern const ParserType kRenameParser = {"rename", read_rename, make_fields_parser<RenameParser, NamedValues>};
extern const ParserType kRemoveParser = {"remove", read_remove, make_fields_parser<RemoveParser, FieldNames>};

}  // namespace towld
