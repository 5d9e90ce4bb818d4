#include "arrow_batch.hpp"

#include <array>
#include <utility>

#include "towl/record/json_text.hpp"

namespace towl::detail {
namespace {

/// What a schema owns: its children stand in it, and are released with it or, if they were moved away, by themselves.
struct OwnedSchema {
  std::string name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};

void release_schema(ArrowSchema* schema) {
  const std::unique_ptr<OwnedSchema> owned(static_cast<OwnedSchema*>(schema->private_data));
  for (ArrowSchema& child : owned->children) {
    if (child.release != nullptr) child.release(&child);
  }
  schema->release = nullptr;
}

const char* format_of(CellType type, bool binary) {
  switch (type) {
    case CellType::time:
      return "tsn:UTC";
    case CellType::number:
      return "l";
    case CellType::text:
      return binary ? "Z" : "U";
  }
  return "n";
}

ArrowSchema schema_of(std::string name, const char* format, std::vector<ArrowSchema> children) {
  auto owned = std::make_unique<OwnedSchema>();
  owned->name = std::move(name);
  owned->children = std::move(children);
  for (ArrowSchema& child : owned->children) owned->pointers.push_back(&child);
  ArrowSchema schema = {};
  schema.format = format;
  schema.name = owned->name.c_str();
  schema.flags = ARROW_FLAG_NULLABLE;
  schema.n_children = static_cast<std::int64_t>(owned->children.size());
  schema.children = owned->pointers.data();
  schema.release = release_schema;
  schema.private_data = owned.release();
  return schema;
}

}  // namespace

/// What an array owns: of one column, or all the children.
struct ArrowBatch::Given {
  Column column;
  std::array<const void*, 3> buffers = {};
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
};

ArrowBatch::ArrowBatch(std::vector<EntryColumn> columns, bool binary) : columns_(std::move(columns)), binary_(binary) {
  for (const EntryColumn& column : columns_) {
    Column data;
    data.is_text = type_of(column.kind) == CellType::text;
    data_.push_back(std::move(data));
  }
}

void ArrowBatch::give_schema(ArrowSchema& to) const {
  std::vector<ArrowSchema> children;
  for (const EntryColumn& column : columns_) {
    children.push_back(schema_of(column.name, format_of(type_of(column.kind), binary_), {}));
  }
  to = schema_of("", "+s", std::move(children));
  to.flags = 0;
}

std::size_t ArrowBatch::text_bytes() const {
  std::size_t bytes = 0;
  for (const Column& column : data_) bytes += column.bytes.size();
  return bytes;
}

/// After a first null every row has a bit.
void ArrowBatch::mark_valid(Column& column) const {
  if (column.valid.empty()) return;
  const auto row = static_cast<std::size_t>(rows_);
  if (column.valid.size() <= row / 8) column.valid.push_back(0);
  column.valid[row / 8] = static_cast<std::uint8_t>(column.valid[row / 8] | 1U << row % 8);
}

void ArrowBatch::add_text(std::size_t at, std::string_view text) {
  Column& column = data_[at];
  if (column.numbers.empty()) column.numbers.push_back(0);
  column.bytes += binary_ ? text : valid_utf8(text, memory_);
  column.numbers.push_back(static_cast<std::int64_t>(column.bytes.size()));
  mark_valid(column);
}

void ArrowBatch::add_number(std::size_t at, std::int64_t number) {
  data_[at].numbers.push_back(number);
  mark_valid(data_[at]);
}

void ArrowBatch::add_null(std::size_t at) {
  Column& column = data_[at];
  const auto row = static_cast<std::size_t>(rows_);
  if (column.nulls == 0) {
    column.valid.assign(row / 8 + 1, 0xFF);
    column.valid.back() = static_cast<std::uint8_t>((1U << row % 8) - 1);
  } else if (column.valid.size() <= row / 8) {
    column.valid.push_back(0);
  }
  ++column.nulls;
  if (column.is_text && column.numbers.empty()) column.numbers.push_back(0);
  column.numbers.push_back(column.is_text ? column.numbers.back() : 0);
}

void ArrowBatch::add(std::size_t column, const CellValue& cell) {
  if (const auto* text = std::get_if<std::string_view>(&cell)) {
    add_text(column, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    add_number(column, *number);
  } else if (const auto* time = std::get_if<TimeValue>(&cell)) {
    add_number(column, time->time);
  } else {
    add_null(column);
  }
}

void ArrowBatch::release_child(ArrowArray* array) {
  const std::unique_ptr<Given> given(static_cast<Given*>(array->private_data));
  array->release = nullptr;
}

void ArrowBatch::release_array(ArrowArray* array) {
  const std::unique_ptr<Given> given(static_cast<Given*>(array->private_data));
  for (ArrowArray& child : given->children) {
    if (child.release != nullptr) child.release(&child);
  }
  array->release = nullptr;
}

void ArrowBatch::give(ArrowArray& to) {
  auto all = std::make_unique<Given>();
  for (Column& column : data_) {
    auto given = std::make_unique<Given>();
    const bool is_text = column.is_text;
    given->column = std::exchange(column, {});
    column.is_text = is_text;
    // The next batch is about as large.
    column.numbers.reserve(given->column.numbers.size());
    column.bytes.reserve(given->column.bytes.size());
    if (is_text && given->column.numbers.empty()) given->column.numbers.push_back(0);
    given->buffers = {given->column.nulls > 0 ? given->column.valid.data() : nullptr, given->column.numbers.data(),
                      given->column.bytes.data()};
    ArrowArray child = {};
    child.length = rows_;
    child.null_count = given->column.nulls;
    child.n_buffers = is_text ? 3 : 2;
    child.buffers = given->buffers.data();
    child.release = release_child;
    child.private_data = given.release();
    all->children.push_back(child);
  }
  for (ArrowArray& child : all->children) all->pointers.push_back(&child);
  to = {};
  to.length = std::exchange(rows_, 0);
  to.n_buffers = 1;
  to.buffers = all->buffers.data();
  to.n_children = static_cast<std::int64_t>(all->children.size());
  to.children = all->pointers.data();
  to.release = release_array;
  to.private_data = all.release();
}

}  // namespace towl::detail
