// The stage of `stats`: groups of rows, and what is counted of each.
#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "exact_sum.hpp"
#include "group_counter.hpp"
#include "pipe_stage.hpp"

namespace towl::detail {
namespace {

using StatsKind = StatsPipe::Kind;

/// About the memory that a group, and a value in a set, take in addition to their texts.
constexpr std::size_t kGroupOverhead = 256;
constexpr std::size_t kValueOverhead = 64;

/// One function's state in one group.
struct Figure {
  std::uint64_t count = 0;
  ExactSum sum = {};
  std::string best = {};  ///< Of min and max.
  std::unordered_set<std::string> values = {};
  std::vector<double> numbers = {};
};

class Stats final : public PipeStage {
 public:
  Stats(const StatsPipe& pipe, PipeBudget& budget) : pipe_(pipe), budget_(budget) {
    for (const auto& by : pipe.by) by_.push_back(field_called(by.name));
    for (const auto& function : pipe.functions) {
      std::vector<Field> fields;
      for (const std::string& name : function.names) fields.push_back(field_called(name));
      fields_.push_back(std::move(fields));
    }
    has_one_bucket_ = pipe.by.size() == 1 && pipe.by.front().step_ns > 0;
  }

  Result<bool> take(const PipeRow& row) override {
    auto group = group_of(row);
    if (!group) return fail(std::move(group.error()));
    for (std::size_t i = 0; i < pipe_.functions.size(); ++i) {
      Figure& figure = groups_[*group].figures[i];
      if (auto added = add(pipe_.functions[i], fields_[i], row, figure); !added) return fail(std::move(added.error()));
    }
    return true;
  }

  Result<void> take_counted(const EntryCount& counted) override {
    auto group = group_with(counted.values);
    if (!group) return fail(std::move(group.error()));
    for (Figure& figure : groups_[*group].figures) figure.count += counted.count;
    return {};
  }

  bool can_merge() const override { return true; }
  Result<void> merge(PipeStage& other) override {
    auto& part = static_cast<Stats&>(other);
    while (!part.groups_.empty()) {
      Group& from = part.groups_.back();
      budget_.give_back(from.bytes);
      auto group = group_with(std::move(from.key));
      if (!group) return fail(std::move(group.error()));
      for (std::size_t i = 0; i < pipe_.functions.size(); ++i) {
        merge(pipe_.functions[i], from.figures[i], groups_[*group].figures[i]);
      }
      part.groups_.pop_back();
    }
    return {};
  }

  Result<void> finish() override {
    // Without groups there is still a result: none were counted.
    if (groups_.empty() && by_.empty()) groups_.push_back({{}, std::vector<Figure>(pipe_.functions.size()), 0});
    std::sort(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) {
      for (std::size_t i = 0; i < a.key.size(); ++i) {
        if (const int order = compare_values(a.key[i], b.key[i]); order != 0) return order < 0;
      }
      return a.key < b.key;
    });
    for (Group& group : groups_) {
      TableRow cells;
      for (std::size_t i = 0; i < by_.size(); ++i) cells.push_back({pipe_.by[i].name, std::move(group.key[i])});
      for (std::size_t i = 0; i < pipe_.functions.size(); ++i) {
        cells.push_back(result_of(pipe_.functions[i], group.figures[i]));
      }
      const auto more = next->take(MadeRow(std::move(cells)));
      if (!more) return fail(more.error());
      if (!*more) break;
    }
    return next->finish();
  }

 private:
  struct Group {
    std::vector<std::string> key;
    std::vector<Figure> figures;
    std::size_t bytes = 0;
  };

  Result<std::size_t> group_of(const PipeRow& row) {
    if (by_.empty() && !groups_.empty()) return std::size_t{0};
    std::optional<Timestamp> bucket;
    if (has_one_bucket_) {
      if (const auto time = row.time(by_.front())) bucket = bucket_of(*time, pipe_.by.front().step_ns);
      // Neighbouring rows are of the same group.
      if (bucket && bucket == last_bucket_) return last_group_;
    }
    std::vector<std::string> key;
    for (std::size_t i = 0; i < by_.size(); ++i) {
      const std::int64_t step = pipe_.by[i].step_ns;
      const auto time = step > 0 ? row.time(by_[i]) : std::nullopt;
      key.emplace_back(time ? std::string(format_rfc3339(bucket_of(*time, step)).view())
                            : std::string(row.value(by_[i])));
    }
    auto group = group_with(std::move(key));
    if (!group) return group;
    last_bucket_ = bucket;
    last_group_ = *group;
    return group;
  }

  Result<std::size_t> group_with(std::vector<std::string> key) {
    std::string joined;
    for (const std::string& value : key) joined += std::to_string(value.size()) + ":" + value;
    const auto [found, is_new] = places_.try_emplace(joined, groups_.size());
    if (is_new) {
      const std::size_t bytes = kGroupOverhead * (1 + pipe_.functions.size()) + 2 * joined.size();
      if (auto added = budget_.add(bytes); !added) return fail(std::move(added.error()));
      groups_.push_back({std::move(key), std::vector<Figure>(pipe_.functions.size()), bytes});
    }
    return found->second;
  }

  Result<void> add(const StatsPipe::Function& function, const std::vector<Field>& fields, const PipeRow& row,
                   Figure& figure) {
    if (function.kind == StatsKind::count) {
      const bool counts = fields.empty() || std::any_of(fields.begin(), fields.end(),
                                                        [&](const Field& field) { return !row.value(field).empty(); });
      figure.count += counts ? 1 : 0;
      return {};
    }
    if (function.kind == StatsKind::count_uniq) return add_value(fields, row, figure);
    for (const Field& field : fields) {
      const std::string_view value = row.value(field);
      if (value.empty()) continue;
      if (function.kind == StatsKind::min || function.kind == StatsKind::max) {
        if (figure.count == 0 || is_better(function.kind, value, figure.best)) figure.best = value;
        ++figure.count;
        continue;
      }
      double number = 0;
      if (!read_number(value, number)) continue;
      ++figure.count;
      if (function.kind != StatsKind::quantile) figure.sum.add(number);
      if (function.kind != StatsKind::quantile) continue;
      if (auto added = budget_.add(sizeof(double)); !added) return added;
      figure.numbers.push_back(number);
    }
    return {};
  }

  // Of equal numbers, the one whose text comes first: the order of rows must not matter.
  static bool is_better(StatsKind kind, std::string_view value, std::string_view best) {
    const int order = compare_values(value, best);
    if (order == 0) return value < best;
    return kind == StatsKind::min ? order < 0 : order > 0;
  }

  void merge(const StatsPipe::Function& function, Figure& from, Figure& into) {
    const bool is_best = function.kind == StatsKind::min || function.kind == StatsKind::max;
    if (is_best && from.count > 0 && (into.count == 0 || is_better(function.kind, from.best, into.best))) {
      into.best = std::move(from.best);
    }
    into.count += from.count;
    into.sum.add(from.sum);
    while (!from.values.empty()) {
      auto node = from.values.extract(from.values.begin());
      const std::size_t bytes = kValueOverhead + node.value().size();
      if (!into.values.insert(std::move(node)).inserted) budget_.give_back(bytes);
    }
    if (into.numbers.empty()) {
      into.numbers = std::move(from.numbers);
    } else {
      into.numbers.insert(into.numbers.end(), from.numbers.begin(), from.numbers.end());
    }
  }

  Result<void> add_value(const std::vector<Field>& fields, const PipeRow& row, Figure& figure) {
    std::string value;
    bool any = false;
    for (const Field& field : fields) {
      const std::string_view part = row.value(field);
      any = any || !part.empty();
      value += std::to_string(part.size()) + ":";
      value += part;
    }
    if (!any || figure.values.contains(value)) return {};
    if (auto added = budget_.add(kValueOverhead + value.size()); !added) return added;
    figure.values.insert(std::move(value));
    return {};
  }

  static Cell result_of(const StatsPipe::Function& function, Figure& figure) {
    const auto number = [&](std::string text) { return Cell{function.as, std::move(text), true}; };
    Cell none{function.as, ""};
    switch (function.kind) {
      case StatsKind::count:
        return number(std::to_string(figure.count));
      case StatsKind::count_uniq:
        return number(std::to_string(figure.values.size()));
      case StatsKind::sum:
        return figure.count == 0 ? none : number(number_text(figure.sum.value()));
      case StatsKind::avg:
        return figure.count == 0 ? none : number(number_text(figure.sum.value() / static_cast<double>(figure.count)));
      case StatsKind::min:
      case StatsKind::max:
        return {function.as, figure.best};
      case StatsKind::quantile:
        break;
    }
    if (figure.numbers.empty()) return none;
    // The value at or above the place: of an even number of values, the median is the upper one, as in LogsQL.
    const auto place =
        std::min(figure.numbers.size() - 1,
                 static_cast<std::size_t>(std::floor(function.phi * static_cast<double>(figure.numbers.size()))));
    const auto middle = figure.numbers.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(figure.numbers.begin(), middle, figure.numbers.end());
    return number(number_text(*middle));
  }

  StatsPipe pipe_;
  PipeBudget& budget_;
  std::vector<Field> by_;
  std::vector<std::vector<Field>> fields_;
  bool has_one_bucket_ = false;
  std::optional<Timestamp> last_bucket_;
  std::size_t last_group_ = 0;
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<Group> groups_;
};

}  // namespace

std::unique_ptr<PipeStage> make_stats_stage(const StatsPipe& pipe, PipeBudget& budget) {
  return std::make_unique<Stats>(pipe, budget);
}

}  // namespace towl::detail
