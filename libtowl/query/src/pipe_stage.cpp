#include "pipe_stage.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "towl/query/address.hpp"

namespace towl::detail {
namespace {

/// About the memory that a row or a group takes in addition to its texts.
constexpr std::size_t kRowOverhead = 128;

std::size_t bytes_of(const TableRow& row) {
  std::size_t bytes = kRowOverhead;
  for (const Cell& cell : row) bytes += sizeof(Cell) + cell.name.size() + cell.value.size();
  return bytes;
}

std::vector<Field> fields_called(const std::vector<std::string>& names) {
  std::vector<Field> fields;
  fields.reserve(names.size());
  for (const std::string& name : names) fields.push_back(field_called(name));
  return fields;
}

class Fields final : public PipeStage {
 public:
  explicit Fields(const FieldsPipe& pipe) : names_(pipe.names), fields_(fields_called(pipe.names)) {
    is_all_ = std::find(names_.begin(), names_.end(), "*") != names_.end();
  }
  Result<bool> take(const PipeRow& row) override {
    if (is_all_) return next->take(row);
    TableRow cells;
    for (std::size_t i = 0; i < names_.size(); ++i) cells.push_back({names_[i], std::string(row.value(fields_[i]))});
    return next->take(MadeRow(std::move(cells)));
  }

 private:
  std::vector<std::string> names_;
  std::vector<Field> fields_;
  bool is_all_ = false;
};

class Limit final : public PipeStage {
 public:
  explicit Limit(const LimitPipe& pipe) : left_(pipe) {}
  Result<bool> take(const PipeRow& row) override {
    if (left_.limit == 0) return false;
    if (left_.offset > 0) {
      --left_.offset;
      return true;
    }
    if (left_.limit != UINT64_MAX) --left_.limit;
    auto more = next->take(row);
    if (!more) return more;
    return *more && left_.limit > 0;
  }

 private:
  LimitPipe left_;
};

class Sort final : public PipeStage {
 public:
  Sort(const SortPipe& pipe, PipeBudget& budget) : pipe_(pipe), budget_(budget) {
    for (const auto& key : pipe.keys) fields_.push_back(field_called(key.name));
    const bool is_bounded = pipe.limit != UINT64_MAX && pipe.offset < UINT64_MAX - pipe.limit;
    most_ = is_bounded ? pipe.offset + pipe.limit : UINT64_MAX;
  }

  Result<bool> take(const PipeRow& row) override {
    Kept kept{.place = place == nullptr ? RowPlace{0, taken_++} : *place, .keys = {}, .cells = row.cells()};
    for (const Field& field : fields_) kept.keys.emplace_back(row.value(field));
    kept.bytes = bytes_of(kept.cells);
    for (const std::string& key : kept.keys) kept.bytes += key.size() + sizeof(std::string);
    if (auto added = budget_.add(kept.bytes); !added) return fail(std::move(added.error()));
    keep(std::move(kept));
    return true;
  }

  bool can_merge() const override { return true; }
  Result<void> merge(PipeStage& other) override {
    for (Kept& kept : static_cast<Sort&>(other).rows_) keep(std::move(kept));
    return {};
  }

  Result<void> finish() override {
    std::sort(rows_.begin(), rows_.end(), [this](const Kept& a, const Kept& b) { return comes_before(a, b); });
    const std::size_t begin = static_cast<std::size_t>(std::min<std::uint64_t>(pipe_.offset, rows_.size()));
    const std::size_t end = static_cast<std::size_t>(std::min<std::uint64_t>(most_, rows_.size()));
    for (std::size_t i = begin; i < end; ++i) {
      budget_.give_back(rows_[i].bytes);
      const auto more = next->take(MadeRow(std::move(rows_[i].cells)));
      if (!more) return fail(more.error());
      if (!*more) break;
    }
    return next->finish();
  }

 private:
  struct Kept {
    RowPlace place = {};
    std::vector<std::string> keys;
    TableRow cells;
    std::size_t bytes = 0;
  };

  bool comes_before(const Kept& a, const Kept& b) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const int order = compare_values(a.keys[i], b.keys[i]);
      if (order != 0) return pipe_.keys[i].is_descending ? order > 0 : order < 0;
    }
    return a.place < b.place;
  }

  void keep(Kept kept) {
    rows_.push_back(std::move(kept));
    // Twice as many as wanted, so that rows are seldom sorted.
    if (most_ < rows_.size() / 2) cut();
  }

  void cut() {
    const auto middle = rows_.begin() + static_cast<std::ptrdiff_t>(most_);
    std::nth_element(rows_.begin(), middle, rows_.end(),
                     [this](const Kept& a, const Kept& b) { return comes_before(a, b); });
    for (auto row = middle; row != rows_.end(); ++row) budget_.give_back(row->bytes);
    rows_.erase(middle, rows_.end());
  }

  SortPipe pipe_;
  PipeBudget& budget_;
  std::vector<Field> fields_;
  std::uint64_t most_ = UINT64_MAX;
  std::uint64_t taken_ = 0;
  std::vector<Kept> rows_;
};

/// In the order of their values; texts that are equal as numbers, in the order of their bytes.
bool comes_before(const TableRow& a, const TableRow& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int order = compare_values(a[i].value, b[i].value);
    if (order != 0) return order < 0;
    if (a[i].value != b[i].value) return a[i].value < b[i].value;
  }
  return false;
}

/// The different combinations of some fields, and how often each came: for uniq and top.
class Combinations final : public PipeStage {
 public:
  Combinations(std::vector<std::string> names, PipeBudget& budget)
      : names_(std::move(names)), fields_(fields_called(names_)), budget_(budget) {}

  std::string hits = {};             ///< The column for how often; "" for none.
  std::uint64_t limit = UINT64_MAX;  ///< At most this many of them …
  bool most_frequent = false;  ///< … those that came most often, then by their values; else those that came first.

  Result<bool> take(const PipeRow& row) override {
    key_.clear();
    for (const Field& field : fields_) {
      const std::string_view value = row.value(field);
      key_ += std::to_string(value.size());
      key_ += ':';
      key_ += value;
    }
    const RowPlace at = place == nullptr ? RowPlace{0, taken_++} : *place;
    const auto found = places_.find(key_);
    if (found != places_.end()) {
      Kept& kept = rows_[found->second];
      ++kept.hits;
      kept.place = std::min(kept.place, at);
      return true;
    }
    if (!most_frequent && rows_.size() == limit) return !hits.empty();
    TableRow cells;
    for (std::size_t i = 0; i < fields_.size(); ++i) cells.push_back({names_[i], std::string(row.value(fields_[i]))});
    const std::size_t bytes = bytes_of(cells) + 2 * key_.size();
    if (auto added = budget_.add(bytes); !added) return fail(std::move(added.error()));
    places_.emplace(key_, rows_.size());
    rows_.push_back({at, 1, bytes, std::move(cells)});
    return most_frequent || !hits.empty() || rows_.size() < limit;
  }

  Result<void> take_counted(const EntryCount& counted) override {
    TableRow cells;
    for (std::size_t i = 0; i < names_.size(); ++i) cells.push_back({names_[i], counted.values[i]});
    if (auto added = budget_.add(bytes_of(cells)); !added) return fail(std::move(added.error()));
    rows_.push_back({.place = {}, .hits = counted.count, .bytes = 0, .cells = std::move(cells)});
    return {};
  }

  Result<void> finish() override {
    std::sort(rows_.begin(), rows_.end(), [this](const Kept& a, const Kept& b) {
      if (!most_frequent) return a.place < b.place;
      return a.hits != b.hits ? a.hits > b.hits : comes_before(a.cells, b.cells);
    });
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(limit, rows_.size()));
    for (std::size_t i = 0; i < count; ++i) {
      TableRow cells = std::move(rows_[i].cells);
      if (!hits.empty()) cells.push_back({hits, std::to_string(rows_[i].hits), true});
      const auto more = next->take(MadeRow(std::move(cells)));
      if (!more) return fail(more.error());
      if (!*more) break;
    }
    return next->finish();
  }

  // A part alone does not tell which are the first ones of all.
  bool can_merge() const override { return most_frequent || limit == UINT64_MAX; }
  Result<void> merge(PipeStage& other) override {
    auto& part = static_cast<Combinations&>(other);
    while (!part.places_.empty()) {
      auto node = part.places_.extract(part.places_.begin());
      Kept& kept = part.rows_[node.mapped()];
      const auto found = places_.find(node.key());
      if (found == places_.end()) {
        node.mapped() = rows_.size();
        rows_.push_back(std::move(kept));
        places_.insert(std::move(node));
        continue;
      }
      Kept& same = rows_[found->second];
      same.hits += kept.hits;
      same.place = std::min(same.place, kept.place);
      budget_.give_back(kept.bytes);
    }
    return {};
  }

 private:
  struct Kept {
    RowPlace place = {};  // Of the first of them.
    std::uint64_t hits = 0;
    std::size_t bytes = 0;
    TableRow cells;
  };

  std::vector<std::string> names_;
  std::vector<Field> fields_;
  PipeBudget& budget_;
  std::string key_;
  std::unordered_map<std::string, std::size_t> places_;
  std::uint64_t taken_ = 0;
  std::vector<Kept> rows_;
};

}  // namespace

int compare_values(std::string_view a, std::string_view b) {
  double left = 0;
  double right = 0;
  const bool is_left = read_number(a, left);
  const bool is_right = read_number(b, right);
  if (is_left && is_right) return left < right ? -1 : left > right ? 1 : 0;
  // Not byte for byte: 9 < 10 < 1a < 9 would be no order.
  if (is_left != is_right) return is_left ? -1 : 1;
  return a.compare(b);
}

std::string number_text(double number) {
  std::array<char, 32> digits{};
  const bool is_whole =
      number >= -1e15 && number <= 1e15 && number == static_cast<double>(static_cast<std::int64_t>(number));
  const auto end =
      is_whole ? std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<std::int64_t>(number)).ptr
               : std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), end};
}

void EntryRow::set(const FoundEntry& entry) {
  entry_ = entry.entry;
  if (!facts_ || entry.header == nullptr || facts_->header != *entry.header) {
    facts_.emplace(entry.header == nullptr ? Header() : *entry.header);
  }
  batch_.set(*facts_, entry.ordinal, {&entry_, 1}, {});
}

std::string_view EntryRow::value(const Field& field) const {
  // A view into the entry stays valid; text that is made for the call is kept here.
  const bool is_made = field.kind == FieldKind::time || field.kind == FieldKind::received ||
                       field.kind == FieldKind::format || field.kind == FieldKind::ordinal;
  std::string_view value;
  batch_.any_value(field, 0, [&](std::string_view one) {
    if (is_made) made_ = one;
    value = is_made ? std::string_view(made_) : one;
    return true;
  });
  return value;
}

std::optional<Timestamp> EntryRow::time(const Field& field) const {
  return field.kind == FieldKind::received ? entry_.received : entry_.time();
}

TableRow EntryRow::cells() const {
  TableRow cells;
  const auto add = [&](FieldKind kind) {
    const Field field{.kind = kind};
    if (const std::string_view found = value(field); !found.empty())
      cells.push_back({name_of(field), std::string(found)});
  };
  add(FieldKind::time);
  add(FieldKind::message);
  add(FieldKind::sender);
  add(FieldKind::level);
  for (const RecordField& one : batch_.record(0).fields()) {
    const bool known = std::any_of(cells.begin(), cells.end(), [&](const Cell& cell) { return cell.name == one.name; });
    if (!known && one.name != field::kMessage) cells.push_back({std::string(one.name), std::string(one.value)});
  }
  cells.push_back({"_file", facts_->uuid});
  cells.push_back({"_ordinal", std::to_string(batch_.first()), true});
  return cells;
}

std::string_view MadeRow::value(const Field& field) const {
  const std::string name = name_of(field);
  for (const Cell& cell : cells_) {
    if (cell.name == name) return cell.value;
  }
  return {};
}

std::optional<Timestamp> MadeRow::time(const Field& field) const { return parse_rfc3339(value(field)); }

std::unique_ptr<PipeStage> make_stage(const Pipe& pipe, PipeBudget& budget) {
  if (const auto* fields = std::get_if<FieldsPipe>(&pipe)) return std::make_unique<Fields>(*fields);
  if (const auto* limit = std::get_if<LimitPipe>(&pipe)) return std::make_unique<Limit>(*limit);
  if (const auto* sort = std::get_if<SortPipe>(&pipe)) return std::make_unique<Sort>(*sort, budget);
  if (const auto* uniq = std::get_if<UniqPipe>(&pipe)) {
    auto stage = std::make_unique<Combinations>(uniq->names, budget);
    if (uniq->with_hits) stage->hits = "hits";
    stage->limit = uniq->limit;
    return stage;
  }
  if (const auto* top = std::get_if<TopPipe>(&pipe)) {
    auto stage = std::make_unique<Combinations>(top->names, budget);
    stage->hits = top->hits;
    stage->limit = top->count;
    stage->most_frequent = true;
    return stage;
  }
  return make_stats_stage(std::get<StatsPipe>(pipe), budget);
}

}  // namespace towl::detail
