#include "http_api/read_routes.hpp"

#include <memory>
#include <string>

#include "access/visible.hpp"
#include "http/http_pool_handler.hpp"
#include "http_api/file_list.hpp"
#include "http_api/patterns.hpp"
#include "http_api/query.hpp"
#include "http_api/tail.hpp"

namespace towld {

void add_read_routes(HttpRoutes& routes, const ReadParts& parts) {
  // A caller is given those files that it may see.
  const auto shown = [&catalog = parts.catalog](const HttpRequest& request) {
    return visible_to(request.grant, catalog);
  };
  const auto get = [&](const char* path, std::shared_ptr<HttpHandler> handler) {
    routes.add(path, {HttpMethod::get}, std::move(handler), Need::read);
  };
  using Answer = HttpResponse (*)(const towl::Catalog&, const HttpRequest&);
  const auto listing = [&](Answer answer) {
    return std::make_shared<HttpPoolHandler>(
        parts.pool, [shown, answer](const HttpRequest& request) { return answer(shown(request), request); },
        parts.max_queries, parts.full);
  };
  using Query = HttpResponse (*)(const towl::Catalog&, const HttpRequest&, const QueryLimits&);
  const auto query = [&](Query answer) {
    return std::make_shared<HttpPoolHandler>(
        parts.query_pool,
        [shown, answer, limits = parts.limits](const HttpRequest& request) {
          return answer(shown(request), request, limits);
        },
        parts.max_queries, parts.full);
  };
  get("/files", listing(list_files));
  get("/files/", listing(describe_file));
  get("/entry/", listing(describe_entry));
  get("/query", query(query_entries));
  get("/query/histogram", query(query_histogram));
  get("/query/patterns", query(query_patterns));
  get("/tail", std::make_shared<TailHandler>(shown, parts.state, parts.query_pool, parts.limits));
}

}  // namespace towld
