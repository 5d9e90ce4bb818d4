#include "v2/shapes.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <utility>

#include "v2/hash.hpp"

namespace towl::detail::v2 {
namespace {

// So many templates that differ in one word show that it varies.
constexpr std::uint32_t kEnough = 3;
// Each round makes one word of a template variable.
constexpr int kRounds = 3;
// Words after the first so many are not looked at.
constexpr std::size_t kMaxWords = 32;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool in_word(char c) { return is_letter(c) || c == '.' || c == '-'; }

// JSON's words are keys, and its values are variable already.
bool is_json(std::string_view text) { return text.starts_with("{\""); }

}  // namespace

void ShapeTable::build(std::span<const Template> templates) {
  shapes_.clear();
  shape_of_.clear();
  kept_words_.clear();
  sources_.resize(templates.size());
  for (std::uint32_t i = 0; i < templates.size(); ++i) {
    shapes_.push_back({templates[i].text, {}, templates[i].uses});
    shape_of_.push_back(i);
    sources_[i].clear();
    for (std::uint32_t slot = 0; slot < templates[i].keys.size(); ++slot) {
      sources_[i].push_back({slot, {}});
    }
  }
  for (int round = 0; round < kRounds; ++round) {
    find_words();
    count_rests();
    if (!merge()) {
      break;
    }
  }
  set_keys(templates);
}

void ShapeTable::find_words() {
  words_.clear();
  for (std::uint32_t i = 0; i < shapes_.size(); ++i) {
    const std::string_view text = shapes_[i].text;
    if (is_json(text)) {
      continue;
    }
    const std::size_t first = words_.size();
    std::uint64_t front = 0;
    std::size_t hashed = 0;
    for (std::size_t at = 0; at < text.size() && words_.size() - first < kMaxWords; ++at) {
      if (!is_letter(text[at])) {
        continue;
      }
      std::size_t end = at + 1;
      while (in_word(text[end])) {  // A template ends with a mark.
        ++end;
      }
      front = hash_bytes(front, text.substr(hashed, at - hashed));
      hashed = at;
      words_.push_back({i, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end), front});
      at = end;
    }
    // What follows a word is hashed from the end on, so that each byte is hashed once and not once a word before it.
    std::uint64_t back = 0;
    hashed = text.size();
    for (std::size_t k = words_.size(); k-- > first;) {
      Word& word = words_[k];
      back = hash_bytes(back, text.substr(word.end, hashed - word.end));
      hashed = word.end;
      word.rest = mix(word.rest, back) | 1;
    }
  }
}

std::uint32_t& ShapeTable::count_of(std::uint64_t rest) {
  std::size_t slot = rest >> 8 & (rests_.size() - 1);
  while (rests_[slot] != 0 && rests_[slot] != rest) {
    slot = (slot + 1) & (rests_.size() - 1);
  }
  rests_[slot] = rest;
  return counts_[slot];
}

void ShapeTable::count_rests() {
  const std::size_t size = std::bit_ceil(2 * words_.size() + 1);
  rests_.assign(size, 0);
  counts_.assign(size, 0);
  for (const Word& word : words_) {
    ++count_of(word.rest);
  }
}

// Makes each shape's most varied word a slot; false if no shape has one.
bool ShapeTable::merge() {
  std::vector<const Word*> chosen(shapes_.size(), nullptr);
  std::vector<std::uint32_t> best(shapes_.size(), kEnough - 1);
  for (const Word& word : words_) {
    const std::uint32_t count = count_of(word.rest);
    if (count > best[word.shape]) {
      best[word.shape] = count;
      chosen[word.shape] = &word;
    }
  }
  if (std::all_of(chosen.begin(), chosen.end(), [](const Word* word) { return word == nullptr; })) {
    return false;
  }
  std::vector<Shape> merged;
  std::vector<std::uint32_t> becomes(shapes_.size());
  std::vector<Source> inserted(shapes_.size());
  merged.reserve(shapes_.size());  // It does not move: its texts are the keys below.
  std::unordered_map<std::string_view, std::uint32_t> by_text;
  for (std::uint32_t i = 0; i < shapes_.size(); ++i) {
    Shape& shape = shapes_[i];
    if (const Word* word = chosen[i]) {
      kept_words_.push_back(shape.text.substr(word->begin, word->end - word->begin));
      const auto slot = std::count(shape.text.begin(), shape.text.begin() + word->begin, kSlotMark);
      inserted[i] = {static_cast<std::uint32_t>(slot), kept_words_.back()};
      shape.text.replace(word->begin, word->end - word->begin, 1, kSlotMark);
    }
    const auto known = by_text.find(shape.text);
    becomes[i] = known != by_text.end() ? known->second : static_cast<std::uint32_t>(merged.size());
    if (known == by_text.end()) {
      merged.push_back({std::move(shape.text), {}, 0});
      by_text.emplace(merged.back().text, becomes[i]);
    }
    merged[becomes[i]].uses += shape.uses;
  }
  for (std::uint32_t i = 0; i < shape_of_.size(); ++i) {
    const std::uint32_t shape = shape_of_[i];
    if (chosen[shape] != nullptr) {
      sources_[i].insert(sources_[i].begin() + inserted[shape].slot, {Source::kWord, inserted[shape].word});
    }
    shape_of_[i] = becomes[shape];
  }
  shapes_.swap(merged);
  return true;
}

// Values after the same beginning belong together, no matter what follows: a line's clock, its host, its process.
void ShapeTable::set_keys(std::span<const Template> templates) {
  for (Shape& shape : shapes_) {
    std::uint64_t prefix = 0;
    std::size_t from = 0;
    for (std::size_t at = 0; at < shape.text.size(); ++at) {
      if (shape.text[at] == kSlotMark) {
        prefix = hash_bytes(prefix, std::string_view(shape.text).substr(from, at - from));
        shape.keys.push_back(prefix);
        from = at + 1;
      }
    }
  }
  for (std::uint32_t i = 0; i < templates.size(); ++i) {
    if (is_json(templates[i].text)) {
      shapes_[shape_of_[i]].keys = templates[i].keys;
    }
  }
}

}  // namespace towl::detail::v2
