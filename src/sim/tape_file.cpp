#include "cornice/sim/tape_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace cornice::sim {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

// Whole records of one file behind those that are there already.
result<void> append_file(tape_recording& to, const std::string& file, std::size_t& bytes) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return error{errc::not_found, "cannot open the tape " + file + ": " + std::strerror(errno)};
  const auto within = [&](const error& e) { return error{e.code, file + ": " + e.message}; };
  venue::tape::reader reader;
  std::string piece(piece_bytes, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    bytes += got;
    if (bytes > tape_bytes_max)
      return error{errc::out_of_range, file + ": a replay holds the tape in memory, at most " +
                                           std::to_string(tape_bytes_max >> 20) +
                                           " MiB; play fewer of its files"};
    reader.feed(std::string_view{piece}.substr(0, got));
    for (;;) {
      auto next = reader.next();
      if (!next) return within(next.error());
      if (!*next) break;
      to.records.push_back(std::move(**next));
    }
  }
  if (in.bad()) return error{errc::malformed, "cannot read the tape " + file};
  if (const auto end = reader.finish(); !end) {
    if (end.error().code != errc::corrupt) return within(end.error());
    to.warnings.push_back(file + ": " + end.error().message + "; it is played up to there");
  }
  return {};
}

}  // namespace

result<tape_recording> load_tape(const std::string& file) {
  tape_recording out;
  out.file = file;
  std::size_t bytes = 0;
  CORNICE_CHECK_OK(append_file(out, file, bytes));
  for (std::size_t n = 1;; ++n) {
    const std::string next = file + "." + std::to_string(n);
    std::error_code ignored;  // what cannot be looked at is not there
    if (!std::filesystem::is_regular_file(next, ignored)) break;
    CORNICE_CHECK_OK(append_file(out, next, bytes));
  }
  if (out.records.empty())
    return error{errc::malformed, "the tape " + file + " holds no record at all"};
  return out;
}

}  // namespace cornice::sim
