// Settings are what a configuration says of one input, output or parser beyond what all of them have. Only its own room
// knows what they are; others can hold them, and see whether they have changed.
//
// Immutable; a copy shares them. Threads: any.
#pragma once

#include <cassert>
#include <memory>
#include <utility>

namespace towld {

class Settings {
 public:
  /// None: of a type that has no keys of its own.
  Settings() = default;

  /// Holds `value`, whose type must be comparable.
  template <class T>
  static Settings of(T value) {
    Settings settings;
    settings.held_ = std::make_shared<const Held<T>>(std::move(value));
    return settings;
  }

  /// The value that of() was given, which lives as long as this or a copy of it. Its type must be T.
  template <class T>
  const T& as() const {
    const auto* held = dynamic_cast<const Held<T>*>(held_.get());
    assert(held != nullptr);
    return held->value;
  }

  /// Equal if both hold the same type and equal values, or nothing.
  friend bool operator==(const Settings& a, const Settings& b) {
    if (!a.held_ || !b.held_) return a.held_ == b.held_;
    return a.held_->equals(*b.held_);
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual bool equals(const Base& other) const = 0;
  };

  template <class T>
  struct Held final : Base {
    explicit Held(T held) : value(std::move(held)) {}
    bool equals(const Base& other) const override {
      const auto* same = dynamic_cast<const Held*>(&other);
      return same != nullptr && same->value == value;
    }
    T value;
  };

  std::shared_ptr<const Base> held_;
};

}  // namespace towld
