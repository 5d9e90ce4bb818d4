#include <iostream>
#include <towl/file_reader.hpp>

int main() {
  auto reader = towl::FileReader::open("my-logs/1.towl");
  if (!reader) return std::cerr << reader.error().to_string() << '\n', 1;
  auto entry = reader->next();
  for (; entry && *entry; entry = reader->next())
    std::cout << towl::format_rfc3339((*entry)->received).view() << ' ' << (*entry)->log_entry << '\n';
  if (!entry) return std::cerr << entry.error().to_string() << '\n', 1;
}
