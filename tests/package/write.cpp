#include <iostream>
#include <towl/store.hpp>

int main() {
  auto store = towl::StoreWriter::open("my-logs", {.title = "orders"});
  if (!store) return std::cerr << store.error().to_string() << '\n', 1;
  const towl::EntryView entries[] = {{"shop-1", towl::now(), towl::LogFormat::text, "order 17 accepted"},
                                     {"shop-1", towl::now(), towl::LogFormat::text, "order 17 shipped"}};
  if (auto stored = store->append(entries); !stored) return std::cerr << stored.error().to_string() << '\n', 1;
  if (auto synced = store->sync(); !synced) return std::cerr << synced.error().to_string() << '\n', 1;
}
