// The reader of tapes. What it reads whole must be written again as the same bytes, and where the
// input is cut must not matter.
#include "cornice/base/check.hpp"
#include "cornice/venue/tape.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cornice;
namespace tape = venue::tape;

struct outcome_of_reading {
  std::vector<tape::record> records;
  std::uint64_t offset = 0;
  error end{};
  friend bool operator==(const outcome_of_reading&, const outcome_of_reading&) = default;
};

outcome_of_reading read_in_steps(std::string_view bytes, std::size_t step) {
  outcome_of_reading out;
  tape::reader in;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    in.feed(bytes.substr(at, step));
    for (;;) {
      auto next = in.next();
      if (!next || !*next) break;
      out.records.push_back(std::move(**next));
    }
  }
  out.offset = in.offset();
  if (const auto end = in.finish(); !end) out.end = end.error();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(data[i]);
  const outcome_of_reading whole = read_in_steps(bytes, size == 0 ? 1 : size);
  if (size <= 4'096)
    invariant(read_in_steps(bytes, 7) == whole, "a tape reads the same however it is cut");
  std::string again;
  tape::encode_header(again);
  for (const tape::record& r : whole.records)
    invariant(tape::encode(again, r.view()).has_value(), "what was read can be written");
  if (whole.offset >= tape::header_size)
    invariant(again.substr(tape::header_size) ==
                  bytes.substr(tape::header_size, whole.offset - tape::header_size),
              "what was read is written as the same bytes");
  return 0;
}
