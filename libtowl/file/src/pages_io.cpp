#include "pages_io.hpp"

#include "v1/pages.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"

namespace towl::detail {
namespace {

// A read during a write of the same page may see a mix of old and new; the next read does not.
constexpr int kTries = 3;

}  // namespace

Error at_file(Error error, const std::string& path) {
  error.file = path;
  return error;
}

Result<std::string> read_bytes(File& file, std::uint64_t offset, std::size_t length) {
  std::string bytes(length, '\0');
  const auto got = file.read_at(offset, bytes);
  if (!got) return fail(got.error());
  bytes.resize(*got);
  return bytes;
}

Result<Header> read_header(File& file, const std::string& path) {
  const auto page = read_bytes(file, v1::kHeaderOffset, v1::kPageBytes);
  if (!page) return fail(page.error());
  auto header = v1::decode_header_page(*page);
  if (header || header.error().code != ErrorCode::not_a_towl_file) {
    return header ? std::move(header) : fail(at_file(std::move(header.error()), path));
  }
  auto values = v2::read_header(file, *page, path);
  if (!values) return fail(at_file(std::move(values.error()), path));
  return std::move(values->header);
}

Result<Index> read_index(File& file, const Header& header, const std::string& path) {
  for (int i = 1;; ++i) {
    if (is_v2(header)) {
      const auto tag = v2::tag_of(file, header);
      if (!tag) return fail(tag.error());
      auto slots = v2::read_index_page(file, *tag);
      if (!slots) return fail(std::move(slots.error()));
      if (slots->newest) return slots->newest->index;
      Error damaged{.code = ErrorCode::corrupt, .message = "the index page is damaged: neither of its slots holds"};
      damaged.offset = v2::kIndexOffset;
      if (i == kTries) return fail(at_file(std::move(damaged), path));
      continue;
    }
    const auto page = read_bytes(file, v1::kIndexOffset, v1::kPageBytes);
    if (!page) return fail(page.error());
    auto index = v1::decode_index_page(*page);
    if (index) return index;
    if (i == kTries) return fail(at_file(std::move(index.error()), path));
  }
}

std::uint64_t data_offset(const Header& header) { return is_v2(header) ? v2::kDataOffset : v1::kDataOffset; }

Result<void> write_index_v1(File& file, const Index& index) {
  const auto page = v1::encode_index_page(index);
  if (!page) return fail(page.error());
  return file.write_at(v1::kIndexOffset, *page);
}

}  // namespace towl::detail
