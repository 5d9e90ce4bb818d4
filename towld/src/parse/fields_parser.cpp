// add, rename, remove: fields by name; MESSAGE is the text. What is not there is passed over.
#include <map>
#include <utility>

#include "parse/members.hpp"
#include "parse/parsers.hpp"

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

}  // namespace

MadeParser make_fields_parser(const ParserConfig& config) {
  if (config.type == ParserType::add) return std::make_unique<AddParser>(config.fields);
  if (config.type == ParserType::rename) return std::make_unique<RenameParser>(config.fields);
  return std::make_unique<RemoveParser>(config.names);
}

}  // namespace towld
