#include "towl/query/pipeline.hpp"

#include <algorithm>
#include <utility>

#include "filter.hpp"
#include "pipe_stage.hpp"

namespace towl {
namespace {

/// The last stage: the table.
class Collect final : public detail::PipeStage {
 public:
  explicit Collect(detail::PipeBudget& budget) : budget_(budget) {}

  Result<bool> take(const detail::PipeRow& row) override {
    TableRow cells = row.cells();
    std::size_t bytes = sizeof(TableRow);
    for (const Cell& cell : cells) {
      bytes += sizeof(Cell) + cell.name.size() + cell.value.size();
      if (std::find(table.columns.begin(), table.columns.end(), cell.name) == table.columns.end()) {
        table.columns.push_back(cell.name);
      }
    }
    if (auto added = budget_.add(bytes); !added) return fail(std::move(added.error()));
    table.rows.push_back(std::move(cells));
    return true;
  }
  Result<void> finish() override { return {}; }

  Table table;

 private:
  detail::PipeBudget& budget_;
};

bool needs_text(std::string_view name) { return detail::needs_text(field_called(name).kind); }

bool any_needs_text(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), needs_text);
}

bool counts_rows(const StatsPipe::Function& function) {
  return function.kind == StatsPipe::Kind::count && function.names.empty();
}

// Each entry has another time and ordinal: counting them one by one is as fast.
bool has_few_values(const CountBy& by) {
  const FieldKind kind = by.field.kind;
  if (kind == FieldKind::time || kind == FieldKind::received) return by.step_ns > 0;
  return by.step_ns <= 0 && kind != FieldKind::ordinal && (kind == FieldKind::level || !detail::needs_text(kind));
}

}  // namespace

class Pipeline::Impl {
 public:
  Impl(std::vector<Pipe> pipes, std::shared_ptr<detail::PipeBudget> budget)
      : pipes_(std::move(pipes)), budget_(std::move(budget)), collect_(*budget_) {
    for (const Pipe& pipe : pipes_) {
      stages_.push_back(detail::make_stage(pipe, *budget_));
      if (stages_.size() > 1) stages_[stages_.size() - 2]->next = stages_.back().get();
    }
    if (!stages_.empty()) stages_.back()->next = &collect_;
  }

  // The first pipe that makes its own rows decides.
  Wanted wanted() const {
    for (const Pipe& pipe : pipes_) {
      if (std::holds_alternative<LimitPipe>(pipe)) continue;
      bool text = true;
      if (const auto* fields = std::get_if<FieldsPipe>(&pipe)) text = any_needs_text(fields->names);
      if (const auto* uniq = std::get_if<UniqPipe>(&pipe)) text = any_needs_text(uniq->names);
      if (const auto* top = std::get_if<TopPipe>(&pipe)) text = any_needs_text(top->names);
      if (const auto* stats = std::get_if<StatsPipe>(&pipe)) {
        text = std::any_of(stats->by.begin(), stats->by.end(), [](const auto& by) { return needs_text(by.name); }) ||
               std::any_of(stats->functions.begin(), stats->functions.end(),
                           [](const auto& function) { return any_needs_text(function.names); });
      }
      return {.sender = true, .received = true, .text = text, .time = true};
    }
    return {};
  }

  std::optional<std::vector<CountBy>> count_by() const {
    std::vector<CountBy> all;
    const auto* const stats = pipes_.empty() ? nullptr : std::get_if<StatsPipe>(&pipes_.front());
    const auto* const top = pipes_.empty() ? nullptr : std::get_if<TopPipe>(&pipes_.front());
    if (stats != nullptr && std::all_of(stats->functions.begin(), stats->functions.end(), counts_rows)) {
      for (const StatsPipe::By& by : stats->by) all.push_back({field_called(by.name), by.step_ns});
    } else if (top != nullptr) {
      for (const std::string& name : top->names) all.push_back({field_called(name), 0});
    } else {
      return std::nullopt;
    }
    return std::all_of(all.begin(), all.end(), has_few_values) ? std::optional(std::move(all)) : std::nullopt;
  }

  Result<void> add(const EntryCount& counted) { return first().take_counted(counted); }

  std::unique_ptr<Impl> part(Order order) const {
    auto made = std::make_unique<Impl>(pipes_, budget_);
    made->order_ = order;
    if (detail::PipeStage* const stage = made->merged()) stage->place = &made->place_;
    return made;
  }

  /// The first stage that keeps something, if only `fields` comes before it and it can be made of parts.
  detail::PipeStage* merged() const {
    std::size_t at = 0;
    while (at < pipes_.size() && std::holds_alternative<FieldsPipe>(pipes_[at])) ++at;
    return at < pipes_.size() && stages_[at]->can_merge() ? stages_[at].get() : nullptr;
  }

  Result<bool> add(const FoundEntry& entry) {
    row_.set(entry);
    place_ = {entry.file, entry.ordinal};
    if (order_ == Order::backwards) place_ = {~place_.file, ~place_.row};
    return first().take(row_);
  }

  Result<Table> finish() {
    if (auto finished = first().finish(); !finished) return fail(std::move(finished.error()));
    return std::move(collect_.table);
  }

 private:
  detail::PipeStage& first() { return stages_.empty() ? static_cast<detail::PipeStage&>(collect_) : *stages_.front(); }

  std::vector<Pipe> pipes_;
  std::shared_ptr<detail::PipeBudget> budget_;
  Order order_ = Order::forwards;
  detail::RowPlace place_;
  Collect collect_;
  std::vector<std::unique_ptr<detail::PipeStage>> stages_;
  detail::EntryRow row_;
};

Pipeline::Pipeline(std::vector<Pipe> pipes, PipelineOptions options)
    : impl_(std::make_unique<Impl>(std::move(pipes), std::make_shared<detail::PipeBudget>(std::move(options)))) {}
Pipeline::Pipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;
Pipeline::~Pipeline() = default;

Wanted Pipeline::wanted() const { return impl_->wanted(); }
std::optional<std::vector<CountBy>> Pipeline::count_by() const { return impl_->count_by(); }
Result<void> Pipeline::add(const EntryCount& counted) { return impl_->add(counted); }

std::optional<std::vector<Pipeline>> Pipeline::parts(std::size_t count, Order order) {
  if (impl_->merged() == nullptr) return std::nullopt;
  std::vector<Pipeline> parts;
  for (std::size_t i = 0; i < count; ++i) parts.push_back(Pipeline(impl_->part(order)));
  return parts;
}

Result<void> Pipeline::merge(Pipeline part) { return impl_->merged()->merge(*part.impl_->merged()); }

Result<bool> Pipeline::add(const FoundEntry& entry) { return impl_->add(entry); }
Result<Table> Pipeline::finish() { return impl_->finish(); }

std::string value_of(const FoundEntry& entry, std::string_view field) {
  detail::EntryRow row;
  row.set(entry);
  return std::string(row.value(field_called(field)));
}

}  // namespace towl
