#include "pages_io.hpp"

#include "v1/pages.hpp"

namespace towl::detail {
namespace {

Result<std::string> read_page(File& file, std::uint64_t offset) {
  std::string page(v1::kPageBytes, '\0');
  const auto got = file.read_at(offset, page);
  if (!got) return fail(got.error());
  page.resize(*got);
  return page;
}

}  // namespace

Error at_file(Error error, const std::string& path) {
  error.file = path;
  return error;
}

Result<Header> read_header(File& file, const std::string& path) {
  const auto page = read_page(file, v1::kHeaderOffset);
  if (!page) return fail(page.error());
  auto header = v1::decode_header_page(*page);
  if (!header) return fail(at_file(std::move(header.error()), path));
  return header;
}

Result<Index> read_index(File& file, const std::string& path) {
  // A read beside a write of the same page may see part of each; the next one does not.
  constexpr int kTries = 3;
  for (int i = 1;; ++i) {
    const auto page = read_page(file, v1::kIndexOffset);
    if (!page) return fail(page.error());
    auto index = v1::decode_index_page(*page);
    if (index) return index;
    if (i == kTries) return fail(at_file(std::move(index.error()), path));
  }
}

Result<void> write_index(File& file, const Index& index) {
  const auto page = v1::encode_index_page(index);
  if (!page) return fail(page.error());
  return file.write_at(v1::kIndexOffset, *page);
}

}  // namespace towl::detail
