#include "filter.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace towl::detail {
namespace {

using Kind = Expression::Kind;
using Filters = std::vector<std::unique_ptr<Filter>>;

class Everything final : public Filter {
 public:
  void select(Batch&, RowSet&) const override {}
};

class AllOf final : public Filter {
 public:
  explicit AllOf(Filters filters) : filters_(std::move(filters)) {}
  void select(Batch& batch, RowSet& rows) const override {
    for (const auto& filter : filters_) {
      if (!rows.any()) return;
      filter->select(batch, rows);
    }
  }

 private:
  Filters filters_;
};

class AnyOf final : public Filter {
 public:
  explicit AnyOf(Filters filters) : filters_(std::move(filters)) {}
  void select(Batch& batch, RowSet& rows) const override {
    RowSet left = rows;
    for (const auto& filter : filters_) {
      if (!left.any()) break;
      RowSet passing = left;
      filter->select(batch, passing);
      left.take_off(passing);
    }
    rows.take_off(left);
  }

 private:
  Filters filters_;
};

class NoneOf final : public Filter {
 public:
  explicit NoneOf(Filters filters) : filters_(std::move(filters)) {}
  void select(Batch& batch, RowSet& rows) const override {
    for (const auto& filter : filters_) {
      if (!rows.any()) return;
      RowSet passing = rows;
      filter->select(batch, passing);
      rows.take_off(passing);
    }
  }

 private:
  Filters filters_;
};

}  // namespace

bool needs_text(FieldKind kind) {
  switch (kind) {
    case FieldKind::message:
    case FieldKind::any:
    case FieldKind::raw:
    case FieldKind::level:
    case FieldKind::unit:
    case FieldKind::named:
      return true;
    default:
      return false;
  }
}

bool needs_text(const Expression& expression) {
  if (expression.kind == Kind::test) return needs_text(expression.field.kind);
  return std::any_of(expression.parts.begin(), expression.parts.end(),
                     [](const Expression& part) { return needs_text(part); });
}

Result<std::unique_ptr<Filter>> make_filter(const Expression& expression) {
  if (expression.kind == Kind::everything) return std::make_unique<Everything>();
  if (expression.kind == Kind::test) return make_test_filter(expression.field, expression.test);
  std::vector<const Expression*> parts;
  for (const Expression& part : expression.parts) parts.push_back(&part);
  // The cheapest parts first.
  std::stable_partition(parts.begin(), parts.end(), [](const Expression* part) { return !needs_text(*part); });
  Filters filters;
  for (const Expression* part : parts) {
    auto filter = make_filter(*part);
    if (!filter) return filter;
    filters.push_back(std::move(*filter));
  }
  if (expression.kind == Kind::all_of) return std::make_unique<AllOf>(std::move(filters));
  if (expression.kind == Kind::any_of) return std::make_unique<AnyOf>(std::move(filters));
  return std::make_unique<NoneOf>(std::move(filters));
}

}  // namespace towl::detail
