// The filter of one test: which of a batch's entries have a value of the field that passes.
//
// First it looks in all texts at once for what a value must have; only entries that have it are read further.
#include "test_filter.hpp"

#include <algorithm>
#include <utility>

#include "filter.hpp"
#include "literal_search.hpp"
#include "value_test.hpp"

namespace towl::detail {
namespace {

// In an entry with fields, a value may be stored differently from how it reads: with escapes, or as an array of its
// bytes. `only_codes`: only those escapes matter that may stand for any character.
bool may_read_otherwise(std::string_view text, bool in_objects, bool only_codes) {
  if (text.find(only_codes ? "\\u" : "\\") != std::string_view::npos) return true;
  for (std::size_t at = text.find('['); at != std::string_view::npos; at = text.find('[', at + 1)) {
    const std::size_t before = text.find_last_not_of(" \t\r\n", at == 0 ? 0 : at - 1);
    if (in_objects || at == 0 || (before != std::string_view::npos && text[before] == ':')) return true;
  }
  // Nested objects are read without the space that may be in them.
  return in_objects && text.find('{', 1) != std::string_view::npos;
}

// These fields are in no text.
bool is_implied(std::string_view name) {
  return name == "SENDER" || name == field::kHost || name == field::kReceived || name == field::kSourceTime;
}

/// For a field whose values are in the text.
class TextFilter final : public Filter {
 public:
  TextFilter(Field field, std::unique_ptr<ValueTest> test, Literals literals, bool is_exact)
      : field_(std::move(field)),
        test_(std::move(test)),
        only_codes_(std::all_of(literals.literals.begin(), literals.literals.end(), is_never_escaped)),
        literals_(std::move(literals)),
        is_exact_(is_exact) {}

  void select(Batch& batch, RowSet& rows) const override {
    if (literals_.is_empty()) {
      rows.filter([&](std::size_t row) { return passes(batch, row); });
      return;
    }
    RowSet found;
    found.reset(rows.rows(), false);
    literals_.find(batch, rows, found);
    if (batch.has_records() && field_.kind != FieldKind::raw) {
      const bool in_objects = field_.kind == FieldKind::named;
      rows.filter([&](std::size_t row) {
        const EntryView& entry = batch.entries()[row];
        const bool is_record = entry.log_format == LogFormat::journal_json;
        if (found.has(row) && !is_record && is_exact_) return true;
        if (!found.has(row) && !(is_record && may_read_otherwise(entry.log_entry, in_objects, only_codes_)))
          return false;
        return passes(batch, row);
      });
      return;
    }
    rows.keep(found);
    if (!is_exact_) rows.filter([&](std::size_t row) { return passes(batch, row); });
  }

 private:
  bool passes(Batch& batch, std::size_t row) const {
    return batch.any_value(field_, row, [&](std::string_view value) { return test_->passes(value); });
  }

  Field field_;
  std::unique_ptr<ValueTest> test_;
  bool only_codes_;
  LiteralSearch literals_;
  bool is_exact_;  // A text that has one of the literals passes.
};

/// For any field.
class ValueFilter final : public Filter {
 public:
  ValueFilter(Field field, std::unique_ptr<ValueTest> test) : field_(std::move(field)), test_(std::move(test)) {}

  void select(Batch& batch, RowSet& rows) const override {
    rows.filter([&](std::size_t row) {
      bool any = false;
      const bool passes = batch.any_value(field_, row, [&](std::string_view value) {
        any = any || !value.empty();
        return test_->passes(value);
      });
      return passes || (!any && test_->passes_without());
    });
  }

 private:
  Field field_;
  std::unique_ptr<ValueTest> test_;
};

class SenderFilter final : public Filter {
 public:
  explicit SenderFilter(std::unique_ptr<ValueTest> test) : test_(std::move(test)) {}

  void select(Batch& batch, RowSet& rows) const override {
    // Neighbouring entries have the same one.
    std::string_view last;
    bool passes = false;
    bool is_first = true;
    rows.filter([&](std::size_t row) {
      const std::string_view sender = batch.entries()[row].sender;
      const bool same = !is_first && sender.size() == last.size() && (sender.data() == last.data() || sender == last);
      if (!same) passes = test_->passes(sender);
      is_first = false;
      last = sender;
      return passes;
    });
  }

 private:
  std::unique_ptr<ValueTest> test_;
};

class TimeFilter final : public Filter {
 public:
  TimeFilter(const TimeTest& test, bool of_event) : test_(test), of_event_(of_event) {}

  void select(Batch& batch, RowSet& rows) const override {
    rows.filter([&](std::size_t row) {
      const EntryView& entry = batch.entries()[row];
      return test_.contains(of_event_ ? entry.time() : entry.received);
    });
  }

 private:
  TimeTest test_;
  bool of_event_;
};

/// For a field that all entries of a file have in common.
class FileFilter final : public Filter {
 public:
  FileFilter(Field field, std::unique_ptr<ValueTest> test) : field_(std::move(field)), test_(std::move(test)) {}

  void select(Batch& batch, RowSet& rows) const override {
    if (!batch.any_value(field_, 0, [&](std::string_view value) { return test_->passes(value); })) rows.clear();
  }

 private:
  Field field_;
  std::unique_ptr<ValueTest> test_;
};

}  // namespace

bool is_never_escaped(std::string_view literal) {
  return std::none_of(literal.begin(), literal.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == '/'; });
}

Literals literals_for(const Field& field, const Test& test) {
  if (field.kind == FieldKind::message || field.kind == FieldKind::raw) return required_literals(test);
  if (field.kind != FieldKind::named || is_implied(field.name) || field.name == field::kMessage) return {};
  const auto value_test = make_value_test(test);
  if (!value_test || (*value_test)->passes_without()) return {};
  Literals literals = required_literals(test);
  // The name is in the text, too.
  const bool is_short = std::any_of(literals.literals.begin(), literals.literals.end(),
                                    [&](const std::string& text) { return text.size() < 4; });
  if (literals.literals.empty() || is_short) return {{field.name}, false};
  return literals;
}

Result<std::unique_ptr<Filter>> make_test_filter(const Field& field, const Test& test) {
  const bool is_time = field.kind == FieldKind::time || field.kind == FieldKind::received;
  if (const auto* range = std::get_if<TimeTest>(&test); range != nullptr && is_time) {
    return std::make_unique<TimeFilter>(*range, field.kind == FieldKind::time);
  }
  auto value_test = make_value_test(test);
  if (!value_test) return fail(std::move(value_test.error()));
  switch (field.kind) {
    case FieldKind::sender:
      return std::make_unique<SenderFilter>(std::move(*value_test));
    case FieldKind::file_id:
    case FieldKind::file:
    case FieldKind::title:
    case FieldKind::org:
      return std::make_unique<FileFilter>(field, std::move(*value_test));
    case FieldKind::message:
    case FieldKind::raw:
    case FieldKind::named:
      if (auto literals = literals_for(field, test); !literals.literals.empty()) {
        const bool is_exact = field.kind != FieldKind::named && is_literal_test(test);
        return std::make_unique<TextFilter>(field, std::move(*value_test), std::move(literals), is_exact);
      }
      return std::make_unique<ValueFilter>(field, std::move(*value_test));
    default:
      return std::make_unique<ValueFilter>(field, std::move(*value_test));
  }
}

}  // namespace towl::detail
