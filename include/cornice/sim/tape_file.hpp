// A recorded tape in memory, as the replay reads it.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/venue/tape.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace cornice::sim {

/// In the order of arrival.
struct tape_recording {
  std::string file;
  std::vector<venue::tape::record> records;
  std::vector<std::string> warnings;  ///< such as a tail that is cut off
};

/// More bytes than this on one tape are refused: a replay holds all of them in memory.
inline constexpr std::size_t tape_bytes_max = std::size_t{2} << 30;

/// Reads FILE, FILE.1, FILE.2, … A file that ends within a record gives a warning: what stands
/// before is good. Errors, naming the file: not_found (cannot be opened), malformed (not a tape,
/// empty), refused (another version), corrupt (a wrong checksum), out_of_range (tape_bytes_max).
[[nodiscard]] result<tape_recording> load_tape(const std::string& file);

}  // namespace cornice::sim
