// Feeds every file of a seed folder once to a fuzz target, for builds without libFuzzer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s <seed folder>\n", argv[0]);
    return 2;
  }
  std::error_code failed;
  std::vector<std::filesystem::path> seeds;
  for (const auto& entry : std::filesystem::directory_iterator{argv[1], failed})
    if (entry.is_regular_file()) seeds.push_back(entry.path());
  if (failed || seeds.empty()) {
    std::fprintf(stderr, "%s: no seeds there; put at least one file into the folder\n", argv[1]);
    return 1;
  }
  std::sort(seeds.begin(), seeds.end());
  for (const auto& seed : seeds) {
    std::ifstream file{seed, std::ios::binary};
    const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
    if (!file && !file.eof()) {
      std::fprintf(stderr, "%s: cannot be read\n", seed.c_str());
      return 1;
    }
    // Printed before the run, because a failing input aborts.
    std::printf("%s\n", seed.filename().c_str());
    std::fflush(stdout);
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    static_cast<void>(LLVMFuzzerTestOneInput(input.data(), input.size()));
  }
  std::printf("%zu seeds\n", seeds.size());
  return 0;
}
