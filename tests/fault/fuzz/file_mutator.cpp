// Mutates whole files: in one frame, in one slot or anywhere; doubles, removes and swaps frames; and half of the time
// makes all checksums fit again, because otherwise nothing gets past the first of them.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "reseal.hpp"
#include "v2/layout.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using towl::fuzz::FramePlace;
using namespace towl::detail::v2;

// Mutates [at, at + bytes) without moving what comes after it.
void mutate_in_place(std::string& file, std::size_t at, std::size_t bytes) {
  bytes = std::min(bytes, file.size() - std::min(at, file.size()));
  if (bytes == 0) return;
  std::string part = file.substr(at, bytes);
  LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(part.data()), bytes, bytes);
  file.replace(at, bytes, part);
}

void mutate_frame(std::string& file, std::mt19937& random) {
  const auto frames = towl::fuzz::frames_of(file);
  if (frames.empty()) return;
  const FramePlace frame = frames[random() % frames.size()];
  const FramePlace other = frames[random() % frames.size()];
  switch (random() % 8) {
    case 0:
    case 1:
    case 2:
      return mutate_in_place(file, frame.offset + 8, kFrameHeaderBytes - 8);
    case 3:
    case 4:
      return mutate_in_place(file, frame.offset + kFrameHeaderBytes, frame.bytes - kFrameHeaderBytes);
    case 5:
      file.erase(frame.offset, frame.bytes);
      return;
    case 6:
      file.insert(other.offset, file.substr(frame.offset, frame.bytes));
      return;
    default: {
      const std::string copy = file.substr(frame.offset, frame.bytes);
      file.erase(frame.offset, frame.bytes);
      file.insert(std::min(other.offset, file.size()), copy);
    }
  }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  std::mt19937 random(seed);
  std::string file(reinterpret_cast<const char*>(data), size);
  switch (random() % 4) {
    case 0:
      file.resize(max_size);
      file.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(file.data()), size, max_size));
      break;
    case 1:
      mutate_in_place(file, kIndexOffset + random() % kSlots * kSlotBytes, kSlotBytes);
      break;
    default:
      mutate_frame(file, random);
  }
  if (random() % 2 == 0) towl::fuzz::reseal(file);
  file.resize(std::min(file.size(), max_size));
  std::memcpy(data, file.data(), file.size());
  return file.size();
}
