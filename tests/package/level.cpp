#include <iostream>
#include <towl/record/members.hpp>
#include <towl/record/record_view.hpp>

int main() {
  towl::JsonEntryReader reader;
  towl::Draft draft;
  if (auto read = reader.read(R"({"msg":"order 17 failed","level":"error"})", draft); !read) return 1;
  std::string text;
  towl::encode_draft(draft, text);
  towl::RecordView record;
  record.set({.sender = "shop-1", .log_format = towl::format_of(draft), .log_entry = text});
  std::cout << towl::level_name(record.level().value_or(6)) << ": " << record.message() << '\n';
}
