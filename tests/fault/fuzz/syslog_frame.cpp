// Any bytes of a syslog connection, in any pieces: messages are bounded, only the framing is lost, and it makes no
// difference how the bytes arrive.
#include <string>
#include <string_view>
#include <vector>

#include "inputs/syslog/framer.hpp"
#include "support.hpp"

namespace {

constexpr std::size_t kLimit = 48;

struct Message {
  std::string text;
  std::uint64_t bytes = 0;
  bool operator==(const Message&) const = default;
};

std::vector<Message> read(std::string_view all, std::size_t piece) {
  towld::Framer framer(kLimit);
  std::vector<Message> messages;
  const auto keep = [&](const towld::Frame& frame) {
    towl::fuzz::require(frame.message.size() <= kLimit, "a message is no longer than the limit");
    towl::fuzz::require(frame.bytes >= frame.message.size(), "a message was no shorter than what is left of it");
    messages.push_back({std::string(frame.message), frame.bytes});
  };
  std::size_t turns_left = 4 * all.size() + 16;
  while (!all.empty()) {
    std::string_view input = all.substr(0, piece);
    all.remove_prefix(input.size());
    for (;;) {
      towl::fuzz::require(turns_left-- > 0, "a connection's bytes are taken");
      towld::Frame frame;
      const auto step = framer.next(input, frame);
      if (step == towld::Framer::Step::more) break;
      keep(frame);
      if (step == towld::Framer::Step::broken) return messages;
    }
    towl::fuzz::require(input.empty(), "all of the input is taken");
    towl::fuzz::require(framer.held_bytes() <= 8 * kLimit + 8'192, "what waits is bounded");
  }
  if (const auto last = framer.finish()) keep(*last);
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  towl::fuzz::Input input(data, size);
  const std::size_t piece = 1 + input.byte() % 64;
  const std::string_view bytes = input.rest();
  const auto whole = read(bytes, bytes.size() + 1);
  const auto pieces = read(bytes, piece);
  // A frame that breaks the framing shows what of the rest was there: that does depend on the pieces.
  const std::size_t same = std::min(whole.size(), pieces.size());
  for (std::size_t i = 0; i + 1 < same; ++i) towl::fuzz::require(whole[i] == pieces[i], "pieces make no difference");
  return 0;
}
