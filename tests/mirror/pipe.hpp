// A transport of an application's own, with only towl's public headers: two threads and a pair of pipes, which may be
// cut after any byte. One end serves a store, and the other mirrors it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <mutex>
#include <thread>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/mirror/store_feed.hpp"
#include "towl/mirror/store_mirror.hpp"
#include "towl/seal.hpp"

namespace towl::test {

// What goes over the pipe: messages of a length, a letter, and fields one after the other. Both ends are one machine.
class Message {
 public:
  explicit Message(char kind) : bytes(1, kind) {}
  explicit Message(std::string received) : bytes(std::move(received)) {}

  char kind() const { return bytes.empty() ? '\0' : bytes[0]; }

  template <class T>
  void put(const T& value) {
    if constexpr (std::is_convertible_v<T, std::string_view>) {
      const std::string_view text = value;
      put(text.size());
      bytes.append(text);
    } else {
      static_assert(std::is_trivially_copyable_v<T>);
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
  }
  template <class T>
  T get() {
    T value{};
    std::memcpy(&value, bytes.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }

  std::string bytes;

 private:
  std::size_t at_ = 1;
};

template <>
inline std::string Message::get<std::string>() {
  const auto size = get<std::size_t>();
  at_ += size;
  return bytes.substr(at_ - size, size);
}

inline void put(Message& message, const ServedFile& file) {
  message.put(file.header.version);
  message.put(file.header.org);
  message.put(file.header.title);
  message.put(file.header.file_id);
  message.put(file.header.uuid);
  message.put(file.index);
  message.put(file.size);
  message.put(file.open);
}

inline ServedFile get_file(Message& message) {
  ServedFile file;
  file.header.version = message.get<std::int32_t>();
  file.header.org = message.get<std::string>();
  file.header.title = message.get<std::string>();
  file.header.file_id = message.get<FileId>();
  file.header.uuid = message.get<Uuid>();
  file.index = message.get<Index>();
  file.size = message.get<std::uint64_t>();
  file.open = message.get<bool>();
  return file;
}

// One end of a connection. It breaks after `budget` bytes were sent.
class End {
 public:
  End(int in, int out, std::uint64_t budget) : in_(in), out_(out), budget_(budget) {}
  ~End() { close(); }
  void close() {
    for (int* fd : {&in_, &out_}) {
      if (*fd >= 0) ::close(std::exchange(*fd, -1));
    }
  }

  bool send(const Message& message) {
    const std::uint32_t size = static_cast<std::uint32_t>(message.bytes.size());
    std::string all(reinterpret_cast<const char*>(&size), sizeof size);
    all += message.bytes;
    const std::size_t allowed = static_cast<std::size_t>(std::min<std::uint64_t>(all.size(), budget_));
    budget_ -= allowed;
    for (std::size_t sent = 0; sent < allowed;) {
      const ssize_t n = ::write(out_, all.data() + sent, allowed - sent);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    bytes_sent += allowed;
    return allowed == all.size();
  }
  std::optional<Message> receive() {
    std::uint32_t size = 0;
    if (!read_all({reinterpret_cast<char*>(&size), sizeof size})) return std::nullopt;
    std::string bytes(size, '\0');
    if (!read_all(bytes)) return std::nullopt;
    return Message(std::move(bytes));
  }

  std::uint64_t bytes_sent = 0;

 private:
  bool read_all(std::span<char> to) {
    while (!to.empty()) {
      const ssize_t n = ::read(in_, to.data(), to.size());
      if (n <= 0) return false;
      to = to.subspan(static_cast<std::size_t>(n));
    }
    return true;
  }

  int in_;
  int out_;
  std::uint64_t budget_;
};

// The store, and what answers questions about it.
class Server {
 public:
  explicit Server(const std::filesystem::path& folder, std::uint64_t max_entries = 400) {
    auto writer =
        StoreWriter::open(folder, {.org = "acme", .partition = {.max_entries = max_entries}, .compress = true});
    EXPECT_TRUE(writer) << writer.error().to_string();
    writer_.emplace(std::move(*writer));
    catalog_.emplace(writer_->reader(), state_);
    listener_ = std::make_shared<Listener>();
    state_.add(listener_);
    state_.publish(*writer_);
  }

  // Each write is a frame of 7 entries.
  void append(std::uint64_t count) {
    while (count > 0) {
      const auto entries = numbered_entries(next_, std::min<std::uint64_t>(count, 7));
      ASSERT_TRUE(writer_->append(views(entries)));
      ASSERT_TRUE(writer_->sync());
      next_ += entries.size();
      count -= entries.size();
    }
    state_.publish(*writer_);
  }
  void seal(FileId id) {
    ASSERT_TRUE(towl::seal(catalog_->path_of(id)));
    state_.publish(*writer_, true);
  }

  // Answers one connection until it breaks.
  void answer(End& end) {
    while (auto asked = end.receive()) {
      if (asked->kind() == 'l') {
        Message list('l');
        list.put(catalog_->identity());
        std::vector<ServedFile> files;
        catalog_->files()->each_after(0, [&](const ServedFile& file) {
          files.push_back(file);
          return true;
        });
        list.put(files.size());
        for (const ServedFile& file : files) put(list, file);
        if (!end.send(list)) break;
        continue;
      }
      FeedStart start{
          .file_id = asked->get<FileId>(), .count = asked->get<std::uint64_t>(), .follow = asked->get<bool>()};
      if (asked->get<bool>()) start.proof = asked->get<MirrorProof>();
      if (!feed(end, start)) break;
    }
    end.close();
  }

  std::uint64_t appended() const { return next_; }
  const Catalog& catalog() const { return *catalog_; }
  Store reader() const { return writer_->reader(); }
  void stop() { listener_->stop(); }

 private:
  struct Listener : StoreListener {
    void store_changed() override {
      const std::lock_guard lock(mutex);
      ++changes;
      woken.notify_all();
    }
    void stop() {
      const std::lock_guard lock(mutex);
      stopped = true;
      woken.notify_all();
    }
    std::mutex mutex;
    std::condition_variable woken;
    std::uint64_t changes = 0;
    bool stopped = false;
  };

  bool feed(End& end, const FeedStart& start) {
    StoreFeed feed(start, *catalog_);
    for (;;) {
      std::uint64_t seen = 0;
      {
        const std::lock_guard lock(listener_->mutex);
        seen = listener_->changes;
      }
      const auto step = feed.next(300);
      Message message('?');
      if (!step) {
        message = Message('x');
        message.put(step.error().code);
        message.put(step.error().to_string());
        return end.send(message);
      }
      if (std::holds_alternative<FeedEnds>(*step)) return end.send(Message('e'));
      if (std::holds_alternative<FeedWaits>(*step)) {
        std::unique_lock lock(listener_->mutex);
        listener_->woken.wait(lock, [&] { return listener_->stopped || listener_->changes != seen; });
        if (listener_->stopped) return false;
        continue;
      }
      if (const auto* begins = std::get_if<FileBegins>(&*step)) {
        message = Message('b');
        put(message, begins->file);
      } else if (const auto* reached = std::get_if<FileReached>(&*step)) {
        message = Message('r');
        put(message, reached->file);
      } else if (const auto* chunk = std::get_if<Chunk>(&*step)) {
        message = Message('c');
        message.put(chunk->at);
        message.put(chunk->count);
        message.put(chunk->bytes);
      }
      if (!end.send(message)) return false;
    }
  }

  StoreStatePublisher state_;
  std::optional<StoreWriter> writer_;
  std::optional<Catalog> catalog_;
  std::shared_ptr<Listener> listener_;
  std::uint64_t next_ = 0;
};

// What the client has of one connection.
enum class Outcome { complete, cut, diverged, failed };

// Asks for what the receiver's copy lacks and receives it; with `follow`, also the files after it, until `enough`.
inline Outcome pull(End& end, FeedReceiver& receiver, bool follow = false, const std::function<bool()>& enough = {}) {
  const auto start = receiver.start(follow);
  if (!start) return Outcome::failed;
  Message ask('p');
  ask.put(start->file_id);
  ask.put(start->count);
  ask.put(follow);
  ask.put(start->proof.has_value());
  if (start->proof) ask.put(*start->proof);
  Outcome outcome = Outcome::cut;
  for (bool going = end.send(ask); going;) {
    auto message = end.receive();
    if (!message) break;
    Result<void> taken;
    switch (message->kind()) {
      case 'b':
        taken = receiver.take(FileBegins{get_file(*message)});
        break;
      case 'c': {
        const auto at = message->get<Position>();
        const auto count = message->get<std::uint64_t>();
        const auto bytes = message->get<std::string>();
        taken = receiver.take(ChunkView{at, count, bytes});
        break;
      }
      case 'r':
        taken = receiver.take(FileReached{get_file(*message)});
        break;
      case 'e':
        EXPECT_TRUE(receiver.complete());
        outcome = Outcome::complete;
        going = false;
        break;
      default:
        outcome = message->get<ErrorCode>() == ErrorCode::diverged ? Outcome::diverged : Outcome::failed;
        going = false;
    }
    if (!taken) {
      ADD_FAILURE() << taken.error().to_string();
      outcome = Outcome::failed;
      break;
    }
    if (enough && enough()) break;
  }
  EXPECT_TRUE(receiver.save());
  return outcome;
}

inline Outcome pull(End& end, const StoreMirror& mirror, const ServedFile& remote) {
  FeedReceiver receiver(mirror);
  return receiver.open(remote) ? pull(end, receiver) : Outcome::failed;
}

struct Sync {
  bool complete = false;
  std::uint64_t bytes = 0;  // sent by the server
  std::size_t set_aside = 0;
  std::optional<std::filesystem::path> other_store;
};

// One connection, cut after `budget` bytes of the server's, over which all that is missing is asked for.
inline Sync sync(Server& server, StoreMirror& mirror, std::uint64_t budget = UINT64_MAX) {
  std::array<int, 2> up{};
  std::array<int, 2> down{};
  EXPECT_EQ(::pipe(up.data()) + ::pipe(down.data()), 0);
  End there(up[0], down[1], budget);
  End here(down[0], up[1], UINT64_MAX);
  std::jthread answering([&] { server.answer(there); });
  Sync sync;
  const auto run = [&] {
    if (!here.send(Message('l'))) return;
    auto list = here.receive();
    if (!list) return;
    const auto met = mirror.meet(list->get<std::string>());
    ASSERT_TRUE(met) << met.error().to_string();
    sync.other_store = *met;
    for (auto files = list->get<std::size_t>(); files > 0; --files) {
      const ServedFile remote = get_file(*list);
      auto copy = mirror.file(remote);
      ASSERT_TRUE(copy) << copy.error().to_string();
      if ((*copy)->up_to_date(remote)) continue;
      Outcome outcome = (*copy)->differs() ? Outcome::diverged : pull(here, mirror, remote);
      if (outcome == Outcome::diverged) {
        ++sync.set_aside;
        ASSERT_TRUE((*copy)->set_aside());
        outcome = pull(here, mirror, remote);
      }
      if (outcome != Outcome::complete) return;
    }
    sync.complete = true;
  };
  run();
  here.close();
  answering.join();
  sync.bytes = there.bytes_sent;
  return sync;
}

}  // namespace towl::test
