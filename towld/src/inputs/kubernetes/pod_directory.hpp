// PodDirectory has the fields of the pods that are known: a PodSource writes it, inputs of files look them up.
//
// Bounded: kMaxPods. Pods that are gone are kept, for what their files still have, until there is no room for others;
//          if all are alive, further ones are not taken.
// Threads: any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "inputs/kubernetes/pod.hpp"

namespace towld {

/// The fields of a pod; never nullptr once it is known.
using PodFields = std::shared_ptr<const std::vector<Field>>;

class PodDirectory {
 public:
  using Clock = std::chrono::steady_clock;

  /// Nobody has answered yet, since `now`.
  explicit PodDirectory(Clock::time_point now = Clock::now()) : lost_at_(now) {}

  /// Of this pod; nullptr if it is not known. By its UID, or the hash that stands for it; by its name if the path
  /// has no UID.
  PodFields find(const PodKey& key) const;

  /// Grows when find() may answer something else than before.
  std::uint64_t generation() const { return generation_; }

  /// True if fields are new.
  bool put(Pod pod);
  void remove(const std::string& uid);
  /// Those that are not put until end_list() are gone.
  void begin_list();
  void end_list();

  /// Since when the server does not answer; nullopt: it does.
  std::optional<Clock::time_point> lost_at() const;
  void found();
  void lost(Clock::time_point now = Clock::now());

  std::size_t size() const;
  /// Pods that there was no room for, since the start.
  std::uint64_t refused() const;

 private:
  struct Known {
    Pod pod;
    PodFields fields;
    std::uint64_t list = 0;  // the last one that had it
    std::optional<std::list<std::string>::iterator> gone;
  };

  bool make_room();
  void drop(const std::string& uid);
  void set_gone(Known& known);
  static std::string name_of(const PodKey& key) { return key.name_space + "/" + key.name; }

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Known> pods_;               // by UID
  std::unordered_map<std::string, std::string> uid_of_hash_;  // of those that are in pods_
  std::unordered_map<std::string, std::string> uid_of_name_;
  std::list<std::string> gone_;  // UIDs, the longest gone first
  std::uint64_t list_ = 0;
  std::uint64_t refused_ = 0;
  std::optional<Clock::time_point> lost_at_;
  std::atomic<std::uint64_t> generation_ = 1;
};

/// PodOfFile is what a file knows of its pod: the file waits for that a while, and then goes on without it.
///
/// Threads: one at a time.
class PodOfFile {
 public:
  using Clock = PodDirectory::Clock;

  explicit PodOfFile(PodKey key) : key_(std::move(key)) {}

  /// Looks the pod up again if need be. True while its file is to wait, until() at most: `wait` after the first look;
  /// if the server does not answer, `wait` after it last did.
  bool waits(const PodDirectory& pods, Clock::duration wait, Clock::time_point now);

  /// Until when the file is to wait; nullopt: it need not.
  std::optional<Clock::time_point> until() const { return until_; }

  /// nullptr while it is not known.
  const PodFields& fields() const { return fields_; }

 private:
  PodKey key_;
  PodFields fields_;
  std::uint64_t generation_ = 0;
  std::optional<Clock::time_point> asked_at_;
  std::optional<Clock::time_point> until_;
};

}  // namespace towld
