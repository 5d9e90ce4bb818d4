#include <array>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>

#include "export/export.hpp"
#include "output/entry_printer.hpp"
#include "towl/record/json_text.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;

/// Of partitions; the least recently opened ones are closed, and opened again to append.
constexpr std::size_t kOpenFiles = 200;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// One file, or one per partition.
class TextFiles {
 public:
  explicit TextFiles(const ExportOptions& options)
      : options_(options),
        name_(options.format == ExportFormat::csv     ? "part-0.csv"
              : options.format == ExportFormat::jsonl ? "part-0.jsonl"
                                                      : "part-0.txt") {}

  towl::Result<void> write(const std::string& folder, std::string_view header, std::string_view text) {
    if (options_.write_out) {
      if (files_.try_emplace("").second) options_.write_out(header);
      options_.write_out(text);
      return {};
    }
    auto [at, is_new] = files_.try_emplace(folder);
    File& file = at->second;
    if (!file.stream) {
      if (is_new) file.path = folder.empty() ? options_.to : options_.to / folder / name_;
      if (auto opened = open(file, is_new); !opened) return opened;
    }
    for (const std::string_view part : {is_new ? header : std::string_view(), text}) {
      if (part.empty()) continue;  // An empty view may have a null address, which fwrite must not get.
      if (std::fwrite(part.data(), 1, part.size(), file.stream.get()) != part.size()) return failed(file, "write to");
      file.bytes += part.size();
    }
    return {};
  }

  /// A file without entries still has its header.
  towl::Result<void> finish(std::string_view header, Exported& exported) {
    if (files_.empty() && options_.partitions.is_none()) {
      if (auto written = write("", header, ""); !written) return written;
    }
    if (options_.write_out) return {};
    for (auto& [folder, file] : files_) {
      if (auto closed = close(file); !closed) return closed;
      std::error_code error;
      const auto size = fs::file_size(partial_name(file.path), error);
      if (error || size != file.bytes) {
        return towl::fail(towl::ErrorCode::corrupt, "it is not as long as what was written", file.path.string());
      }
    }
    for (auto& [folder, file] : files_) {
      const auto bytes = finish_file(file.path);
      if (!bytes) return tl::unexpected(bytes.error());
      exported.bytes += *bytes;
      ++exported.files;
    }
    return {};
  }

  void drop() {
    std::error_code ignored;
    for (auto& [folder, file] : files_) {
      file.stream.reset();
      if (!options_.write_out) fs::remove(partial_name(file.path), ignored);
    }
  }

 private:
  struct File {
    fs::path path;
    std::unique_ptr<std::FILE, CloseFile> stream = {};
    std::uint64_t bytes = 0;
  };

  static tl::unexpected<towl::Error> failed(const File& file, const std::string& doing) {
    return towl::fail(towl::error_from_errno(errno, "cannot " + doing, partial_name(file.path).string()));
  }

  towl::Result<void> open(File& file, bool is_new) {
    if (open_ >= kOpenFiles) {
      for (auto& [folder, other] : files_) {
        if (auto closed = close(other); !closed) return closed;
      }
      open_ = 0;
    }
    std::error_code error;
    if (!options_.partitions.is_none()) fs::create_directories(file.path.parent_path(), error);
    file.stream.reset(std::fopen(partial_name(file.path).c_str(), is_new ? "wb" : "ab"));
    if (!file.stream) return failed(file, "open");
    ++open_;
    return {};
  }

  static towl::Result<void> close(File& file) {
    if (!file.stream) return {};
    if (std::fclose(file.stream.release()) != 0) return failed(file, "write to");
    return {};
  }

  const ExportOptions& options_;
  const std::string name_;
  std::map<std::string, File> files_;
  std::size_t open_ = 0;
};

void append_csv(std::string_view text, std::string& to) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    to += text;
    return;
  }
  to += '"';
  for (const char c : text) {
    if (c == '"') to += '"';
    to += c;
  }
  to += '"';
}

/// An entry as one line, or several, of the format.
class TextForm {
 public:
  explicit TextForm(const ExportOptions& options)
      : format_(options.format),
        has_columns_(options.columns || options.format == ExportFormat::csv),
        columns_(options.columns ? *options.columns : towl::usual_columns()),
        printer_({.format = options.format == ExportFormat::jsonl ? OutputFormat::json : OutputFormat::short_}) {}

  std::string header() const {
    if (format_ != ExportFormat::csv) return "";
    std::string line;
    for (const towl::EntryColumn& column : columns_) {
      if (!line.empty()) line += ',';
      append_csv(column.name, line);
    }
    return line + "\r\n";
  }

  towl::Wanted wanted() const { return has_columns_ ? towl::wanted_of(columns_) : towl::Wanted{}; }

  void append(const towl::FoundEntry& entry, std::string& to) {
    if (!has_columns_) return printer_.print(entry, to);
    cells_.set(entry);
    if (format_ == ExportFormat::csv) {
      append_row(to);
    } else {
      append_object(to);
    }
  }

 private:
  void append_row(std::string& to) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) to += ',';
      const towl::CellValue cell = cells_.cell(columns_[i]);
      if (const auto* text = std::get_if<std::string_view>(&cell)) append_csv(*text, to);
      if (const auto* number = std::get_if<std::int64_t>(&cell)) to += std::to_string(*number);
      if (const auto* time = std::get_if<towl::TimeValue>(&cell)) to += towl::format_rfc3339(time->time).view();
    }
    to += "\r\n";
  }

  void append_object(std::string& to) {
    to += '{';
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) to += ',';
      towl::append_json_name(columns_[i].name, to);
      to += ':';
      const towl::CellValue cell = cells_.cell(columns_[i]);
      const auto* text = std::get_if<std::string_view>(&cell);
      if (text != nullptr && columns_[i].kind == towl::ColumnKind::fields) {
        towl::append_compact_json(*text, to);
      } else if (text != nullptr) {
        towl::append_json_text(*text, to);
      } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
        to += std::to_string(*number);
      } else if (const auto* time = std::get_if<towl::TimeValue>(&cell)) {
        towl::append_json_text(towl::format_rfc3339(time->time).view(), to);
      } else {
        to += "null";
      }
    }
    to += "}\n";
  }

  const ExportFormat format_;
  const bool has_columns_;
  const std::vector<towl::EntryColumn> columns_;
  EntryPrinter printer_;
  towl::CellReader cells_;
};

}  // namespace

towl::Result<Exported> export_to_text(const ExportOptions& options) {
  TextForm form(options);
  towl::Wanted wanted = form.wanted();
  wanted.sender |= !options.partitions.is_none();
  auto entries = ExportedEntries::open(options.selection, wanted);
  if (!entries) return tl::unexpected(entries.error());
  TextFiles files(options);
  Partitions partitions = options.partitions;
  const std::string header = form.header();
  Exported exported;
  towl::Result<void> done;
  for (std::string text; done;) {
    const auto entry = entries->next();
    if (!entry) done = tl::unexpected(entry.error());
    if (!entry || *entry == nullptr) break;
    text.clear();
    form.append(**entry, text);
    exported.facts.add((*entry)->entry.time());
    done = files.write(partitions.folder_of((*entry)->entry), header, text);
  }
  if (done) done = files.finish(header, exported);
  exported.losses = entries->losses();
  if (done) return exported;
  files.drop();
  return tl::unexpected(done.error());
}

}  // namespace towlctl
