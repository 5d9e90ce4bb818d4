#include <iostream>
#include <towl/query/language.hpp>
#include <towl/query/search.hpp>

int main() {
  const auto query = towl::parse_expression("accepted or \"order 17\" sender:shop*", towl::now());
  if (!query) return std::cerr << query.error().to_string() << '\n', 1;
  auto search = towl::Search::create({{.path = "my-logs/1.towl"}}, *query, {.threads = 2});
  if (!search) return std::cerr << search.error().to_string() << '\n', 1;
  for (;;) {
    const towl::Outcome outcome = search->next();
    if (std::holds_alternative<towl::SearchEnd>(outcome)) return 0;
    if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
      std::cout << found->ordinal << ": " << found->entry.log_entry << '\n';
    } else {
      std::cerr << std::get<towl::Unread>(outcome).error.to_string() << '\n';
    }
  }
}
