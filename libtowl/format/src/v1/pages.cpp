#include "v1/pages.hpp"

#include <array>
#include <cassert>

#include "towl/file_shape.hpp"
#include "v1/archive.hpp"

namespace towl::detail::v1 {

static_assert(towl::kPageBytes == kPageBytes && towl::kMinFileBytes == kDataOffset &&
              towl::kMinEntryBytesV1 == kMinEntryBytes);
namespace {

// The order of the fields after the magic.
struct StoredHeader {
  Header header;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(header.version, header.org, header.title, header.file_id);
  }
};

struct StoredIndex {
  Index index;
  StoredTime opened;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(opened, index.closed, index.count, index.first, index.last);
  }
};

std::string_view magic() { return {reinterpret_cast<const char*>(kMagic.data()), kMagic.size()}; }

std::string_view reason(ReadFailure failure) {
  switch (failure) {
    case ReadFailure::none:
      return "no failure";
    case ReadFailure::incomplete:
      return "a length that points past the page's end";
    case ReadFailure::too_large:
      return "a length over the page's size";
    case ReadFailure::bad_time:
      return "text that is no time";
    case ReadFailure::bad_optional:
      return "an optional that is neither absent (0) nor present (1)";
  }
  return "";
}

Result<std::string> pad(std::string page, const char* what) {
  if (page.size() > kPageBytes) return fail(ErrorCode::invalid_argument, what);
  page.resize(kPageBytes);
  return page;
}

tl::unexpected<Error> damaged(const char* which, ReadFailure failure, std::size_t offset) {
  Error error{.code = ErrorCode::corrupt,
              .message = std::string("the ") + which + " page is damaged: " + std::string(reason(failure))};
  error.offset = offset;
  return fail(std::move(error));
}

std::optional<std::size_t> first_not_zero(std::string_view page, std::size_t from) {
  const std::size_t at = page.find_first_not_of('\0', from);
  if (at == std::string_view::npos) return std::nullopt;
  return at;
}

}  // namespace

std::string encode_header_values(std::string_view magic, const Header& header) {
  std::string page(magic);
  OutputArchive archive(page);
  archive(StoredHeader{header});
  return page;
}

Result<HeaderValues> decode_header_values(std::string_view page) {
  InputArchive archive(page.substr(kMagic.size()), kPageBytes);
  StoredHeader stored;
  archive(stored);
  if (archive.failed()) return damaged("header", archive.failure(), kHeaderOffset);
  return HeaderValues{std::move(stored.header), kMagic.size() + archive.consumed()};
}

std::int32_t header_version(std::string_view page) {
  return InputArchive(page.substr(kMagic.size())).get<std::int32_t>();
}

Result<std::string> encode_header_page(const Header& header) {
  return pad(encode_header_values(magic(), header),
             "org and title are too long together: they must fit the header page of 1,024 bytes");
}

Result<std::string> encode_index_page(const Index& index) {
  std::string page;
  OutputArchive archive(page);
  archive(StoredIndex{index, {index.opened}});
  return pad(std::move(page), "the index does not fit its page");
}

Result<Header> decode_header_page(std::string_view page) {
  if (page.size() < kMagic.size() || page.substr(0, kMagic.size()) != magic()) {
    return fail(ErrorCode::not_a_towl_file, "not a towl file: it does not begin with \"towlfile*\"");
  }
  if (page.size() < kPageBytes) return fail(ErrorCode::corrupt, "the header page is cut off");
  const std::int32_t version = header_version(page);
  if (version != kVersion) {
    return fail(ErrorCode::unsupported_version,
                "a towl file of version " + std::to_string(version) + "; this program reads version 1");
  }
  auto values = decode_header_values(page);
  if (!values) return fail(std::move(values.error()));
  return std::move(values->header);
}

Result<Index> decode_index_page(std::string_view page) {
  if (page.size() < kPageBytes) return fail(ErrorCode::corrupt, "the index page is cut off");
  InputArchive archive(page, kPageBytes);
  StoredIndex stored;
  archive(stored);
  if (archive.failed()) return damaged("index", archive.failure(), kIndexOffset);
  stored.index.opened = stored.opened.value;
  return stored.index;
}

std::optional<std::size_t> header_padding_error(std::string_view page) {
  const auto values = decode_header_values(page);
  assert(values);
  return first_not_zero(page, values->bytes);
}

std::optional<std::size_t> index_padding_error(std::string_view page) {
  InputArchive archive(page, kPageBytes);
  StoredIndex stored;
  archive(stored);
  assert(!archive.failed());
  return first_not_zero(page, archive.consumed());
}

}  // namespace towl::detail::v1
