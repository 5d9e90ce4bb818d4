// A question as a message becomes one of the engine's, and what it finds become messages.
#pragma once

#include <cstddef>

#include "queries/query_files.hpp"
#include "queries/query_limits.hpp"
#include "towl/query/context_search.hpp"
#include "towl/query/language.hpp"
#include "towl/query/search.hpp"
#include "towl/record/record_view.hpp"
#include "towl/result.hpp"
#include "towl/v1/towl.pb.h"

namespace towld {

struct QueryQuestion {
  towl::Query query;
  QueryScope scope;
  std::uint64_t limit = UINT64_MAX;
  towl::Context context = {};
  bool without_text = false;
  bool follow = false;
};

/// Errors: invalid_argument.
towl::Result<QueryQuestion> to_question(const towl::v1::QueryRequest& request, const QueryLimits& limits);

/// Fills `message`, and returns about how many bytes it has. `record` is a reader to use again.
std::size_t to_message(const towl::FoundEntry& entry, bool without_text, bool is_match, towl::RecordView& record,
                       towl::v1::FoundEntry& message);

}  // namespace towld
