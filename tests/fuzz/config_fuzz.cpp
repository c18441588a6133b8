// The reader of configuration files. What it accepts it can write, and reads back as the same.
#include "cornice/base/check.hpp"
#include "cornice/infra/config.hpp"
#include "infra/config_document.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cornice;
using namespace cornice::infra;

// One key of every kind.
struct settings {
  std::string name = "a";
  std::string mode = "paper";
  std::string password_file;
  std::int64_t port = 1;
  std::int64_t limit_micros = 0;
  bool on = false;
  std::chrono::milliseconds wait{5};
  std::vector<std::string> series;
  std::int64_t depth = 0;
  std::map<std::string, std::int64_t> venues;

  void describe(config_section& s) {
    s.text("name", name, "Letters.", "^[a-z]+$");
    s.choice("mode", mode, {"paper", "live"}, "Mode.");
    s.secret_file("password_file", password_file, "Secret.");
    s.integer("port", port, {0, 65'535}, "Port.");
    s.millionths("limit", limit_micros, {-1'000'000'000, 1'000'000'000}, "Money.");
    s.boolean("on", on, "Switch.");
    s.duration_ms("wait_ms", wait, {0, 60'000}, "Time.");
    s.texts("series", series, "Texts.");
    s.section(
        "inner",
        [this](config_section& i) {
          i.integer("depth", depth, {0, 9}, "Depth.");
        },
        "Sub.");
    std::vector<std::string> present;
    for (const auto& [key, value] : venues) present.push_back(key);
    s.sections(
        "venues",
        [this](const std::string& key, config_section& v) {
          v.integer("rate", venues[key], {0, 100}, "Rate.");
        },
        "Free keys.", present);
  }
};

result<void> read(std::string_view text, settings& into) {
  return read_config_text(text, "f", [&into](config_section& s) { into.describe(s); });
}

std::string write(settings& from) {
  return config_values([&from](config_section& s) { from.describe(s); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto document = parse_config_document(text, "f");
  if (!document) {
    invariant(document.error().code == errc::malformed, "a text that is no JSON is malformed");
    invariant(document.error().message.starts_with("f:"), "an error names the file");
  }
  settings first;
  const auto done = read(text, first);
  if (!done) {
    invariant(!done.error().message.empty(), "a refusal explains itself");
    return 0;
  }
  invariant(document.has_value(), "only a document can be read");
  settings second;
  const std::string written = write(first);
  const auto again = read(written, second);
  invariant(again.has_value(), "what was written can be read");
  invariant(write(second) == written, "and means the same");
  return 0;
}
