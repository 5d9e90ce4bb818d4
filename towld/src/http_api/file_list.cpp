#include "http_api/file_list.hpp"

#include <charconv>
#include <optional>

#include "http/url.hpp"
#include "http_api/parameters.hpp"
#include "limits/limits.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

constexpr std::string_view kFolder = "/files/";

void add_time(std::string_view name, const std::optional<towl::Timestamp>& time, std::string& to) {
  if (!time) return;
  to += ",\"";
  to += name;
  to += "\":\"";
  to += towl::format_rfc3339(*time).view();
  to += '"';
}

void add_file(const towl::ServedFile& file, std::string& to) {
  to += R"({"file_id":)" + std::to_string(file.file_id());
  to += R"(,"format_version":)" + std::to_string(file.header.version);
  to += R"(,"org":)";
  towl::append_json_text(file.header.org, to);
  to += R"(,"title":)";
  towl::append_json_text(file.header.title, to);
  to += R"(,"state":")";
  to += file.open ? "open" : file.index.sealed ? "sealed" : "closed";
  to += R"(","count":)" + std::to_string(file.index.count);
  to += R"(,"size":)" + std::to_string(file.size);
  add_time("opened", file.index.opened, to);
  add_time("closed", file.index.closed, to);
  add_time("first", file.index.first, to);
  add_time("last", file.index.last, to);
  to += '}';
}

}  // namespace

HttpResponse to_response(const towl::Error& error) {
  switch (error.code) {
    case towl::ErrorCode::invalid_argument:
      return http_error(400, error.message);
    case towl::ErrorCode::not_found:
      return http_error(404, error.message);
    default:
      return http_busy(error.message);
  }
}

HttpResponse list_files(const towl::Catalog& catalog, const HttpRequest& request) {
  std::uint64_t after = 0;
  std::uint64_t limit = kDefaultListedFiles;
  Parameters parameters(request.query);
  parameters.number("after", after);
  parameters.number("limit", limit, 1, kMaxListedFiles);
  if (const auto wrong = parameters.finish()) return http_error(400, *wrong);
  const auto files = catalog.files();
  if (!files) return to_response(files.error());
  HttpResponse response{.body = R"({"files":[)"};
  std::uint64_t count = 0;
  towl::FileId last = after;
  bool more = false;
  files->each_after(after, [&](const towl::ServedFile& file) {
    more = count == limit;
    if (more) return false;
    if (count++ > 0) response.body += ',';
    add_file(file, response.body);
    last = file.file_id();
    return true;
  });
  response.body += ']';
  if (more) response.body += R"(,"next_after":)" + std::to_string(last);
  response.body += '}';
  return response;
}

HttpResponse describe_file(const towl::Catalog& catalog, const HttpRequest& request) {
  const std::string_view name = std::string_view(request.path).substr(kFolder.size());
  towl::FileId id = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), id);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) {
    return http_error(400, "a file's ID is a number");
  }
  const auto file = catalog.find(id);
  if (!file) return to_response(file.error());
  if (!*file) return http_error(404, "there is no file " + std::to_string(id));
  HttpResponse response;
  add_file(**file, response.body);
  return response;
}

}  // namespace towld
