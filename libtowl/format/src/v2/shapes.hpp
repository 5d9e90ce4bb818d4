// Shapes: templates that differ in one word become one, in which that word is variable. "Invalid user alice" and
// "Invalid user bob" are two templates, since neither name has a digit; a third one shows that the word varies.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "v2/templates.hpp"

namespace towl::detail::v2 {

/// Where a shape's slot takes its value from, in a text of a certain template.
struct Source {
  static constexpr std::uint32_t kWord = ~std::uint32_t{0};
  std::uint32_t slot = kWord;  ///< The template's slot, or kWord.
  std::string_view word;       ///< What is there in all the template's texts.
};

struct Shape {
  std::string text;
  std::vector<std::uint64_t> keys;  ///< For each slot: what identifies its column.
  std::uint32_t uses = 0;
};

/// Reusable. One thread at a time.
class ShapeTable {
 public:
  /// Finds the shapes of `templates`.
  void build(std::span<const Template> templates);

  const std::vector<Shape>& shapes() const { return shapes_; }
  std::uint32_t shape_of(std::uint32_t template_id) const { return shape_of_[template_id]; }
  const std::vector<Source>& sources(std::uint32_t template_id) const { return sources_[template_id]; }

 private:
  struct Word {
    std::uint32_t shape = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint64_t rest = 0;  ///< A hash of the shape's text without it.
  };
  void find_words();
  void count_rests();
  std::uint32_t& count_of(std::uint64_t rest);
  bool merge();
  void set_keys(std::span<const Template> templates);

  std::vector<Shape> shapes_;
  std::vector<std::uint32_t> shape_of_;
  std::vector<std::vector<Source>> sources_;
  std::deque<std::string> kept_words_;
  std::vector<Word> words_;
  std::vector<std::uint64_t> rests_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace towl::detail::v2
