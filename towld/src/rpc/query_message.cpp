#include "rpc/query_message.hpp"

#include <limits>
#include <utility>
#include <vector>

#include "limits/limits.hpp"
#include "towl/query/entry_test.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

tl::unexpected<towl::Error> wrong(std::string why) {
  return towl::fail(towl::ErrorCode::invalid_argument, std::move(why));
}

towl::Result<void> check_combination(const QueryQuestion& question) {
  const bool has_context = question.context.before + question.context.after > 0;
  const bool is_backwards = question.scope.order == towl::Order::backwards;
  const bool has_pipes = !question.query.pipes.empty();
  if (has_context && (is_backwards || has_pipes)) return wrong("neighbours are for entries, forwards");
  if (question.follow && (is_backwards || has_pipes || has_context)) {
    return wrong("what follows has neither pipes nor neighbours, and goes forwards");
  }
  if (has_pipes && question.scope.cursor.file != 0) return wrong("rows have no cursor");
  return {};
}

}  // namespace

towl::Result<QueryQuestion> to_question(const towl::v1::QueryRequest& request, const QueryLimits& limits) {
  if (request.expression().size() > limits.expression_bytes)
    return wrong("the expression is longer than query.max_expression allows");
  QueryQuestion question;
  if (!request.expression().empty()) {
    auto query = towl::parse_query(request.expression(), towl::now());
    if (!query) return towl::fail(std::move(query.error()));
    question.query = std::move(*query);
  }
  if (request.has_since() || request.has_until()) {
    const towl::TimeTest all;
    question.query.expression = towl::all_of({towl::between(request.has_since() ? request.since() : all.since,
                                                            request.has_until() ? request.until() : all.until),
                                              std::move(question.query.expression)});
  }
  if (const auto made = towl::EntryTest::create(question.query.expression); !made) return towl::fail(made.error());
  if (request.order() == towl::v1::QUERY_ORDER_BACKWARDS) {
    question.scope.order = towl::Order::backwards;
  } else if (request.order() != towl::v1::QUERY_ORDER_FORWARDS &&
             request.order() != towl::v1::QUERY_ORDER_UNSPECIFIED) {
    return wrong("this collector does not know that order");
  }
  for (const towl::v1::FileRange& range : request.files()) {
    FileRange& file = question.scope.files.emplace_back(FileRange{.file = range.file_id(), .from = range.first()});
    if (range.has_end()) file.end = range.end();
  }
  if (!request.cursor().empty()) {
    const auto cursor = read_query_cursor(request.cursor());
    if (!cursor) return wrong("the cursor must be what an answer before gave");
    question.scope.cursor = *cursor;
  }
  if (request.limit() > 0) question.limit = request.limit();
  if (request.before() > kMaxNeighbours || request.after() > kMaxNeighbours) return wrong("at most 10,000 neighbours");
  question.context = {request.before(), request.after()};
  question.without_text = request.without_text();
  question.follow = request.follow();
  if (auto good = check_combination(question); !good) return towl::fail(std::move(good.error()));
  return question;
}

std::size_t to_message(const towl::FoundEntry& found, bool without_text, bool is_match, towl::RecordView& record,
                       towl::v1::FoundEntry& message) {
  constexpr std::size_t kOverheadBytes = 64;
  const towl::EntryView& entry = found.entry;
  message.set_file_id(found.file_id());
  const towl::Uuid& uuid = found.header->uuid;
  if (uuid != towl::Uuid{}) message.set_file_uuid(uuid.data(), uuid.size());
  message.set_ordinal(found.ordinal);
  if (!is_match) message.set_is_neighbour(true);
  if (without_text) return kOverheadBytes;
  message.set_sender(entry.sender.data(), entry.sender.size());
  message.set_received(entry.received);
  message.set_time(entry.time());
  message.set_log_format(static_cast<towl::v1::LogFormat>(entry.log_format));
  message.set_log_entry(entry.log_entry.data(), entry.log_entry.size());
  record.set(entry);
  if (record.has_fields()) {
    if (const auto level = record.level()) message.set_level(static_cast<std::uint32_t>(*level));
    const std::string_view text = record.message();
    if (text != entry.log_entry) message.set_message(text.data(), text.size());
  }
  return kOverheadBytes + entry.sender.size() + entry.log_entry.size() + message.message().size();
}

}  // namespace towld
