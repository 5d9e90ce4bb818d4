#include "store_clock.hpp"

#include <string>

#include "filenames.hpp"
#include "pages_io.hpp"

namespace towl::detail {

void StoreClock::look() {
  see();
  if (seen_->is_record_due()) keep();
}

void StoreClock::see() {
  if (!seen_) {
    const auto file = layer_.open(folder_ / kClockName, OpenMode::read);
    // Whatever the file has: anything that is not a record of ours counts as no record.
    const auto text = file ? read_bytes(**file, 0, 64) : Result<std::string>(std::string());
    seen_.emplace(text.value_or(std::string()), wall_(), steady_());
  }
  seen_->look(wall_(), steady_());
}

Timestamp StoreClock::closing_time() {
  see();
  return seen_->closing_time();
}

void StoreClock::confirm() {
  look();
  seen_->confirm();
  keep();
}

void StoreClock::close() {
  if (!seen_) return;
  seen_->look(wall_(), steady_());
  keep();
}

void StoreClock::keep() {
  seen_->recorded();
  const std::filesystem::path path = folder_ / kClockName;
  const std::filesystem::path unfinished = path.string() + std::string(kUnfinishedSuffix);
  if (auto done = layer_.remove(unfinished); !done && done.error().code != ErrorCode::not_found) return;
  auto file = layer_.open(unfinished, OpenMode::create);
  if (!file) return;
  auto done = (*file)->write_at(0, seen_->record());
  if (done) done = (*file)->sync();
  if (done) done = layer_.rename(unfinished, path);
  if (!done) (void)layer_.remove(unfinished);
}

}  // namespace towl::detail
