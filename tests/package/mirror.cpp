#include <iostream>
#include <towl/mirror/store_feed.hpp>
#include <towl/mirror/store_mirror.hpp>

int main() {
  auto store = towl::StoreWriter::open("my-logs");  // the writer of a store says how far it may be read
  auto copy = towl::StoreMirror::open("my-copy");
  if (!store || !copy) return 1;
  towl::StoreStatePublisher state;
  state.publish(*store);
  const towl::Catalog catalog(store->reader(), state);
  const auto file = catalog.next_after(0);
  if (!file || !*file) return 1;
  towl::FeedReceiver receiver(*copy);
  if (!receiver.open(**file)) return 1;
  const auto start = receiver.start();  // "of file 1, everything from COUNT on": goes to the other end,
  if (!start) return 1;
  towl::StoreFeed feed(*start, catalog);  // and these steps come back, over whatever carries them
  for (towl::Result<void> taken; taken;) {
    const auto step = feed.next(1 << 20);
    if (!step) return std::cerr << step.error().to_string() << '\n', 1;
    if (const auto* begins = std::get_if<towl::FileBegins>(&*step)) taken = receiver.take(*begins);
    if (const auto* chunk = std::get_if<towl::Chunk>(&*step)) taken = receiver.take(chunk->view());
    if (const auto* reached = std::get_if<towl::FileReached>(&*step)) taken = receiver.take(*reached);
    if (std::holds_alternative<towl::FeedEnds>(*step)) break;
  }
  if (!receiver.complete() || !receiver.save()) return 1;
  std::cout << receiver.file()->count() << " entries are in " << receiver.file()->path().string() << '\n';
}
