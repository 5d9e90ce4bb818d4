// What questions over HTTP have in common: their filters as parameters, and entries as JSON.
#pragma once

#include <string>

#include "http_api/parameters.hpp"
#include "queries/query_limits.hpp"
#include "towl/query/language.hpp"
#include "towl/query/search.hpp"

namespace towld {

/// query, level, sender, q, regex; all must hold.
void read_filters(Parameters& parameters, const QueryLimits& limits, towl::Query& query);

/// start, end: a range of event times, as a part of `query`.
void read_range(Parameters& parameters, towl::Query& query);

/// Appends the entry as one JSON object.
void append_found(const towl::FoundEntry& entry, std::string& to);

}  // namespace towld
