// Grant is what a token lets its bearer do, and on which files.
//
// Immutable, except for being revoked. Any thread.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/name_table.hpp"
#include "towl/header.hpp"

namespace towld {

enum class Scope {
  ingest,  ///< Append, Push, what is posted.
  read,    ///< Lists, pulls, queries, counts.
  admin,   ///< Everything.
};

inline constexpr Names<Scope, 3> kScopes = {
    {{"ingest", Scope::ingest}, {"read", Scope::read}, {"admin", Scope::admin}}};

/// What a request needs of its sender.
enum class Need {
  ingest,  ///< `ingest`, for the files that entries go into.
  read,    ///< `read`, of some files at least: it is shown those alone.
  whole,   ///< `read`, of all files: counters, and what inputs and outputs say of themselves.
  admin,
};

/// The scope that it is about, for people.
constexpr Scope scope_of(Need need) {
  return need == Need::ingest ? Scope::ingest : need == Need::admin ? Scope::admin : Scope::read;
}

class Grant {
 public:
  /// No organisations, or no titles: all of them.
  Grant(std::string name, std::vector<Scope> scopes, std::vector<std::string> orgs = {},
        std::vector<std::string> titles = {})
      : name_(std::move(name)), scopes_(std::move(scopes)), orgs_(std::move(orgs)), titles_(std::move(titles)) {}

  /// Whose it is, for people; "" for a caller without a token.
  const std::string& name() const { return name_; }

  /// `new_files`: the header of those that entries go into.
  bool allows(Need need, const towl::Header& new_files) const {
    if (!has(Scope::admin) && !has(scope_of(need))) return false;
    switch (need) {
      case Need::ingest:
        return covers(new_files);
      case Need::read:
        return true;
      case Need::whole:
      case Need::admin:
        return !is_narrowed();
    }
    return false;
  }

  /// It is for some files only.
  bool is_narrowed() const { return !orgs_.empty() || !titles_.empty(); }

  /// The one place that says which files a bearer may read or add to.
  bool covers(const towl::Header& header) const {
    const auto is_one_of = [](const std::vector<std::string>& all, const std::string& one) {
      return all.empty() || std::find(all.begin(), all.end(), one) != all.end();
    };
    return is_one_of(orgs_, header.org) && is_one_of(titles_, header.title);
  }

  /// What was begun with it ends soon.
  void revoke() { revoked_ = true; }
  bool is_revoked() const { return revoked_; }

 private:
  bool has(Scope scope) const { return std::find(scopes_.begin(), scopes_.end(), scope) != scopes_.end(); }

  const std::string name_;
  const std::vector<Scope> scopes_;
  const std::vector<std::string> orgs_;
  const std::vector<std::string> titles_;
  std::atomic<bool> revoked_ = false;
};

}  // namespace towld
