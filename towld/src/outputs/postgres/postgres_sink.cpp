#include "outputs/postgres/postgres_sink.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "access/private_file.hpp"
#include "limits/limits.hpp"
#include "towl/query/address.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

/// A field of COPY's text format (https://www.postgresql.org/docs/15/sql-copy.html), what PostgreSQL does not take
/// replaced.
void append_field(std::string_view text, std::string& to) {
  std::string valid;
  if (!towl::is_utf8(text)) {
    // As a JSON string and back: only what it escapes is to be unescaped, and that is looked at below.
    std::string json;
    towl::append_json_name(text, json);
    towl::JsonReader reader;
    const std::string object = "{\"a\":" + json + "}";
    if (const auto members = reader.read(object); members && !members->empty()) valid = members->front().text;
    text = valid;
  }
  for (const char c : text) {
    switch (c) {
      case '\0':
        to += "\xEF\xBF\xBD";
        break;
      case '\\':
        to += "\\\\";
        break;
      case '\n':
        to += "\\n";
        break;
      case '\r':
        to += "\\r";
        break;
      case '\t':
        to += "\\t";
        break;
      default:
        to += c;
    }
  }
}

/// The value of \uXXXX at the beginning; nullopt if that is none.
std::optional<unsigned> escape_of(std::string_view text) {
  unsigned value = 0;
  if (!text.starts_with("\\u") || text.size() < 6) return std::nullopt;
  const auto parsed = std::from_chars(text.data() + 2, text.data() + 6, value, 16);
  return parsed.ptr == text.data() + 6 ? std::optional(value) : std::nullopt;
}

/// JSON whose strings PostgreSQL can give as text: NUL and halves of characters become U+FFFD.
std::string readable_json(std::string_view json) {
  constexpr std::size_t kEscape = 6;
  std::string readable;
  const auto is_between = [](std::optional<unsigned> value, unsigned low, unsigned high) {
    return value && *value >= low && *value <= high;
  };
  while (!json.empty()) {
    const auto plain = std::min(json.find('\\'), json.size());
    readable += json.substr(0, plain);
    json.remove_prefix(plain);
    if (json.empty()) break;
    const auto value = escape_of(json);
    std::size_t length = value ? kEscape : std::min<std::size_t>(2, json.size());
    if (is_between(value, 0xD800, 0xDBFF) && is_between(escape_of(json.substr(kEscape)), 0xDC00, 0xDFFF)) {
      length = 2 * kEscape;
    } else if (value == 0U || is_between(value, 0xD800, 0xDFFF)) {
      readable += "\\ufffd";
      json.remove_prefix(kEscape);
      continue;
    }
    readable += json.substr(0, length);
    json.remove_prefix(length);
  }
  return readable;
}

/// In whole microseconds, downwards.
void append_time(towl::Timestamp time, std::string& to) {
  const towl::Timestamp rest = (time % 1000 + 1000) % 1000;
  to += towl::format_rfc3339(time - rest).view();
}

std::uint64_t number_of(const char* digits) {
  std::uint64_t value = 0;
  const std::string_view text(digits);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

PostgresSink::PostgresSink(PostgresConfig config, std::string name, std::function<std::string()> identity)
    : config_(std::move(config)), name_(std::move(name)), identity_(std::move(identity)) {}

towl::Error PostgresSink::told(const std::string& what) const {
  std::string why = connection_ ? PQerrorMessage(connection_.get()) : "not connected";
  std::replace(why.begin(), why.end(), '\n', ' ');
  while (why.ends_with(' ')) why.pop_back();
  return {towl::ErrorCode::io, "postgres: " + what + ": " + why};
}

std::string PostgresSink::output_id() const { return identity_() + "/" + name_; }

towl::Result<PostgresSink::Answer> PostgresSink::ask(const std::string& statement, ExecStatusType expected,
                                                     std::initializer_list<std::string> values) {
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  // COPY and several statements at once go without parameters alone.
  Answer answer(values.size() == 0
                    ? PQexec(connection_.get(), statement.c_str())
                    : PQexecParams(connection_.get(), statement.c_str(), static_cast<int>(pointers.size()), nullptr,
                                   pointers.data(), nullptr, nullptr, 0));
  if (PQresultStatus(answer.get()) == expected) return answer;
  return towl::fail(told("\"" + statement.substr(0, statement.find_first_of("(\n")) + "\" failed"));
}

towl::Result<void> PostgresSink::open(const std::optional<std::string>&) {
  connection_.reset();
  in_transaction_ = false;
  rows_.clear();
  if (identity_().empty()) return towl::fail(towl::ErrorCode::invalid_argument, "postgres needs a store of format 2");
  std::string password;
  if (!config_.password_file.empty()) {
    auto read = read_secret_file(config_.password_file);
    if (!read) return towl::fail(std::move(read.error()));
    password = std::move(*read);
  }
  const std::string timeout = "-c statement_timeout=" + std::to_string(kPostgresAnswerMs);
  // What stands before `dbname` is a default that the connection's own words replace: encrypted and verified.
  const std::array<const char*, 9> names = {"sslmode",
                                            "connect_timeout",
                                            "tcp_user_timeout",
                                            "options",
                                            "application_name",
                                            "dbname",
                                            "client_encoding",
                                            password.empty() ? nullptr : "password",
                                            nullptr};
  const std::array<const char*, 9> values = {"verify-full", "10",
                                             "30000",       timeout.c_str(),
                                             "towld",       config_.connection.c_str(),
                                             "UTF8",        password.empty() ? nullptr : password.c_str(),
                                             nullptr};
  connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    auto error = told("cannot connect");
    connection_.reset();
    return towl::fail(std::move(error));
  }
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  const auto made =
      ask("create table if not exists " + config_.table +
              " (file uuid not null, ordinal bigint not null, time timestamptz not null, ns smallint not null, "
              "received timestamptz not null, sender text not null, level smallint, message text not null, "
              "fields json, primary key (file, ordinal)); create table if not exists " +
              config_.table +
              "_cursor (output text primary key, file_id bigint not null, file uuid not null, "
              "ordinal bigint not null)",
          PGRES_COMMAND_OK);
  if (!made) return towl::fail(made.error());
  return {};
}

towl::Result<std::optional<StorePosition>> PostgresSink::find_position() {
  const auto answer = ask("select file_id, file, ordinal from " + config_.table + "_cursor where output = $1",
                          PGRES_TUPLES_OK, {output_id()});
  if (!answer) return towl::fail(answer.error());
  if (PQntuples(answer->get()) == 0) return std::nullopt;
  const auto value = [&](int column) { return PQgetvalue(answer->get(), 0, column); };
  const auto uuid = towl::read_uuid(value(1));
  if (!uuid) return towl::fail(towl::ErrorCode::corrupt, "postgres: the cursor's file is no UUID");
  return StorePosition{number_of(value(0)), number_of(value(2)), *uuid};
}

void PostgresSink::add(const FollowedEntry& followed) {
  const towl::EntryView& entry = followed.entry;
  record_.set(entry);
  rows_ += towl::uuid_text(followed.uuid);
  rows_ += '\t' + std::to_string(followed.ordinal) + '\t';
  append_time(entry.time(), rows_);
  rows_ += '\t' + std::to_string((entry.time() % 1000 + 1000) % 1000) + '\t';
  append_time(entry.received, rows_);
  rows_ += '\t';
  append_field(entry.sender, rows_);
  const auto level = record_.level();
  rows_ += level ? '\t' + std::to_string(*level) + '\t' : "\t\\N\t";
  append_field(record_.message(), rows_);
  rows_ += '\t';
  if (record_.has_fields()) {
    append_field(readable_json(entry.log_entry), rows_);
  } else {
    rows_ += "\\N";
  }
  rows_ += '\n';
  after_add_ = {followed.file_id, followed.ordinal + 1, followed.uuid};
}

towl::Result<bool> PostgresSink::write() {
  if (!connection_) return towl::fail(told("cannot copy"));
  if (!in_transaction_) {
    if (const auto begun = ask("begin", PGRES_COMMAND_OK); !begun) return towl::fail(begun.error());
    in_transaction_ = true;
  }
  const auto copy =
      ask("copy " + config_.table + " (file, ordinal, time, ns, received, sender, level, message, fields) from stdin",
          PGRES_COPY_IN);
  if (!copy) return towl::fail(copy.error());
  const bool sent = PQputCopyData(connection_.get(), rows_.data(), static_cast<int>(rows_.size())) == 1 &&
                    PQputCopyEnd(connection_.get(), nullptr) == 1;
  bool good = sent;
  for (Answer answer; answer.reset(PQgetResult(connection_.get())), answer != nullptr;) {
    good = good && PQresultStatus(answer.get()) == PGRES_COMMAND_OK;
  }
  if (!good) return towl::fail(told("cannot copy"));
  rows_.clear();
  after_write_ = after_add_;
  return true;
}

towl::Result<std::string> PostgresSink::commit() {
  if (!in_transaction_) return std::string();
  const auto kept = ask("insert into " + config_.table +
                            "_cursor (output, file_id, file, ordinal) values ($1, $2, $3, $4) on conflict (output) do "
                            "update set file_id = excluded.file_id, file = excluded.file, ordinal = excluded.ordinal",
                        PGRES_COMMAND_OK,
                        {output_id(), std::to_string(after_write_.file_id), towl::uuid_text(after_write_.uuid),
                         std::to_string(after_write_.ordinal)});
  if (!kept) return towl::fail(kept.error());
  if (const auto done = ask("commit", PGRES_COMMAND_OK); !done) return towl::fail(done.error());
  in_transaction_ = false;
  return std::string();
}

}  // namespace towld
