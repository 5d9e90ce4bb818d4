#include "towl/query/entry_test.hpp"

#include <optional>
#include <utility>

#include "batch.hpp"
#include "filter.hpp"

namespace towl {

struct EntryTest::State {
  std::unique_ptr<detail::Filter> filter;
  std::optional<detail::FileFacts> facts = {};
  detail::Batch batch = {};
  detail::RowSet rows = {};
};

EntryTest::EntryTest(std::unique_ptr<State> state) : state_(std::move(state)) {}
EntryTest::EntryTest(EntryTest&&) noexcept = default;
EntryTest& EntryTest::operator=(EntryTest&&) noexcept = default;
EntryTest::~EntryTest() = default;

Result<EntryTest> EntryTest::create(const Expression& expression) {
  auto filter = detail::make_filter(expression);
  if (!filter) return fail(std::move(filter.error()));
  return EntryTest(std::make_unique<State>(State{.filter = std::move(*filter)}));
}

bool EntryTest::passes(const EntryView& entry, const Header& header, Ordinal ordinal) {
  State& state = *state_;
  if (!state.facts || state.facts->header != header) state.facts.emplace(header);
  state.batch.set(*state.facts, ordinal, {&entry, 1}, entry.log_entry);
  state.rows.reset(1, true);
  state.filter->select(state.batch, state.rows);
  return state.rows.any();
}

}  // namespace towl
