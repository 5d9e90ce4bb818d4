// A script from the input writes a file, damages it, reads it, repairs it, reads it again and goes on writing. Every
// entry that is served is the true one at its ordinal, and a repair loses none that was served before.
//
// The damage is what disks and people do: flipped, zeroed, moved, cut and foreign bytes, not forged checksums.
#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "support.hpp"
#include "towl/file_writer.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"

namespace towl::fuzz {
namespace {

constexpr std::size_t kMaxSteps = 64;
constexpr std::size_t kMaxFileBytes = std::size_t{256} << 10;

constexpr const char* kStepNames[] = {"append", "append", "append", "append", "flush", "sync", "close", "reopen",
                                      "seal",   "read",   "repair", "flip",   "fill",  "move", "cut",   "stale"};

class Script {
 public:
  explicit Script(Input input) : input_(input) {
    const unsigned kind = input_.byte();
    format_ = kind % 8 == 0 ? FileFormat::v1 : FileFormat::v2;
    buffer_bytes_ = kind % 3 == 0 ? 64 : kWriteBufferBytes;
  }

  void run() {
    create();
    for (std::size_t i = 0; i < kMaxSteps && !input_.empty(); ++i) {
      const unsigned what = input_.byte();
      step(what);
      trace(layer_, kStepNames[what % 16]);
    }
    writer_.reset();
    check_served();
    repair_it();
    trace(layer_, "repaired");
  }

 private:
  void create() {
    const NewFile file{
        .file_id = 1, .org = "acme", .title = "fuzz", .opened = 5, .format = format_, .uuid = Uuid{1, 2, 3}};
    auto writer = FileWriter::create(kPath, file, options());
    require(writer.has_value(), "a file can be created");
    writer_ = std::move(*writer);
  }

  WriteOptions options() {
    return {.layer = &layer_, .buffer_bytes = buffer_bytes_, .compress = true, .clock = [this] {
              return clock_ += kNanosecondsPerSecond / 2;
            }};
  }

  void step(unsigned what) {
    switch (what % 16) {
      case 0:
      case 1:
      case 2:
      case 3:
        return append(1 + input_.byte() % 40);
      case 4:
        if (writer_) require(writer_->flush().has_value(), "flush");
        return;
      case 5:
        if (writer_) require(writer_->sync().has_value(), "sync");
        older_ = layer_.contents(kPath);
        return;
      case 6:
        if (writer_) require(writer_->close(clock_).has_value(), "close");
        writer_.reset();
        return;
      case 7:
        return reopen();
      case 8:
        return seal_it();
      case 9:
        writer_.reset();
        return check_served();
      case 10:
        writer_.reset();
        return repair_it();
      default:
        return damage(what % 16 - 11);
    }
  }

  Entry entry_of(unsigned how, std::uint64_t number) {
    Entry entry;
    entry.sender = how % 5 == 0 ? "" : "host-" + std::to_string(how % 3);
    entry.received = clock_ + static_cast<Timestamp>(number * (how % 7) * 1'000'003);
    if (how % 11 == 0) entry.received = -entry.received;
    if (format_ != FileFormat::v1 && how % 3 == 2) entry.set_time(clock_ - static_cast<Timestamp>(number * how));
    entry.log_format = static_cast<LogFormat>(how % 4 == 3 ? how : how % 2);
    switch (how % 6) {
      case 0:
        break;
      case 1:
        entry.log_entry = "sshd[" + std::to_string(number * 7919) + "]: Accepted publickey for root from 10.0.0." +
                          std::to_string(number % 256);
        break;
      case 2:
        entry.log_entry.assign(how * 13, static_cast<char>(number));
        break;
      case 3:
        entry.log_entry =
            R"({"MESSAGE":"entry )" + std::to_string(number) + R"(","PRIORITY":")" + std::to_string(how % 8) + "\"}";
        break;
      case 4:
        for (unsigned i = 0; i < how; ++i)
          entry.log_entry += static_cast<char>((number + 1) * (i + 3) * 2654435761u >> 11);
        break;
      default:
        entry.log_entry = "entry " + std::to_string(number);
        break;
    }
    return entry;
  }

  void append(unsigned count) {
    const unsigned how = input_.byte();
    if (!writer_ || layer_.contents(kPath).size() > kMaxFileBytes) return;
    for (unsigned i = 0; i < count; ++i) {
      const Entry entry = entry_of(how + i % 4, ++number_);
      const auto ordinal = writer_->append(entry);
      require(ordinal.has_value(), "an entry can be appended");
      require(!served_.contains(*ordinal), "an ordinal that was served is not given out again");
      // One that was lost with all knowledge of it may be.
      truth_[*ordinal].push_back(entry);
    }
  }

  void reopen() {
    if (writer_) return;
    if (unchecked_) return;
    note_served();
    auto writer = FileWriter::open(kPath, options());
    if (!writer) {
      require(damaged_ || writer.error().code == ErrorCode::closed, "a file that is not damaged can be opened");
      return;
    }
    writer_ = std::move(*writer);
  }

  void seal_it() {
    writer_.reset();
    const auto sealed = seal(kPath, {.layer = &layer_});
    if (!sealed) {
      require(damaged_ || sealed.error().code == ErrorCode::invalid_argument, "a closed file can be sealed");
      return;
    }
    check_served();
  }

  void note_served() {
    served_.clear();
    for (const auto& [ordinal, entry] : read_served(layer_).entries) served_.emplace(ordinal, entry);
  }

  // What is served is true, and what was served before is served still.
  void check_served() {
    const Served now = read_served(layer_);
    if (unchecked_) return;
    for (const auto& [ordinal, entry] : now.entries) {
      const auto there = truth_.find(ordinal);
      require(
          there != truth_.end() && std::find(there->second.begin(), there->second.end(), entry) != there->second.end(),
          "every entry that is served is the true one");
    }
    if (damaged_ || !now.all) return;
    require(!now.damaged && now.entries.size() == truth_.size(), "a file that is not damaged serves all its entries");
  }

  void repair_it() {
    const Served before = read_served(layer_);
    trace(layer_, "before-repair");
    const auto repaired = repair(kPath, {.layer = &layer_});
    trace(layer_, "after-repair");
    check_served();
    if (unchecked_) return;
    const Served after = read_served(layer_);
    for (const auto& [ordinal, entry] : before.entries) {
      require(after.entries.contains(ordinal) || !after.all, "what was readable before a repair is readable after it");
    }
    if (!repaired) {
      require(damaged_, "a file that is not damaged can be repaired");
      return;
    }
    const auto verified = verify(kPath, {.layer = &layer_});
    // Entries of two lives that both are whole contradict each other, and nobody knows which are right.
    const auto is_told = [&](const Finding& finding) {
      return is_mixed_ && finding.what.find("digest") != std::string::npos;
    };
    if (verified && !verified->whole()) std::fprintf(stderr, "%s\n", verified->findings.front().what.c_str());
    require(verified && std::all_of(verified->findings.begin(), verified->findings.end(), is_told),
            "a repaired file is whole");
    require(!after.damaged, "a repaired file is read without an error");
  }

  void damage(unsigned how) {
    writer_.reset();
    std::string file = layer_.contents(kPath);
    if (file.empty()) return;
    damaged_ = true;
    // Format 1 has no checksums: all but a cut may serve anything.
    if (format_ == FileFormat::v1 && how != 3) unchecked_ = true;
    // Half of the places are in the pages and the first frames.
    std::size_t at = static_cast<std::size_t>(input_.take(3));
    at %= at % 2 == 0 ? file.size() : std::min<std::size_t>(file.size(), 4096);
    const std::size_t length = 1 + static_cast<std::size_t>(input_.take(2)) %
                                       std::max<std::size_t>(1, std::min<std::size_t>(file.size() - at, 2048));
    switch (how) {
      case 0:
        file[at] = static_cast<char>(file[at] ^ (1 << (length % 8)));
        break;
      case 1:
        std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(at), length, input_.byte() % 2 == 0 ? '\0' : '\xFF');
        break;
      case 2: {
        const std::string moved = file.substr(at, length);
        const std::size_t to = static_cast<std::size_t>(input_.take(3)) % file.size() / 8 * 8;
        if (length % 2 == 0) file.erase(at, length);
        file.replace(std::min(to, file.size()), length % 3 == 0 ? 0 : length, moved);
        break;
      }
      case 3:
        file.resize(at);
        break;
      default:
        // A file of an earlier moment comes back in part: what a disk did not write.
        if (!older_.empty()) file.replace(at, length, older_.substr(std::min(at, older_.size()), length));
        older_ = file;
        is_mixed_ = true;
        break;
    }
    layer_.set_contents(kPath, std::move(file));
  }

  Input input_;
  FileFormat format_;
  std::size_t buffer_bytes_;
  MemoryFileLayer layer_;
  std::optional<FileWriter> writer_;
  Timestamp clock_ = 1'768'660'200'000'000'000;
  std::uint64_t number_ = 0;
  bool damaged_ = false;
  bool unchecked_ = false;
  bool is_mixed_ = false;  // A part of an earlier moment came back.
  // All that an ordinal ever was: if a cut file is written again, a block of its earlier life is true, too.
  std::map<Ordinal, std::vector<Entry>> truth_;
  std::map<Ordinal, Entry> served_;
  std::string older_;
};

}  // namespace
}  // namespace towl::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  towl::fuzz::Script(towl::fuzz::Input(data, size)).run();
  return 0;
}
