// What HTTP brings in as text: URLs, targets, queries, percent codes, coded bodies. The first byte
// says which.
#include "cornice/base/check.hpp"
#include "cornice/infra/http.hpp"
#include "infra/content_coding.hpp"
#include "infra/http_rules.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace cornice;
using namespace cornice::infra;

void run_url(std::string_view text) {
  const auto u = url::parse(text);
  if (!u) return;
  const auto again = url::parse(u->origin() + u->target);
  invariant(again.has_value(), "what was parsed can be written and parsed");
  invariant(again->scheme == u->scheme && again->host == u->host && again->port == u->port &&
                again->target == u->target,
            "and names the same");
}

void run_target(std::string_view text) {
  const auto t = normalise_target(text);
  if (!t) {
    invariant(t.error().code == errc::malformed, "a bad target is malformed");
    return;
  }
  invariant(t->path.starts_with('/'), "a path begins at the root");
  invariant(t->path.find("//") == std::string::npos, "no empty segment");
  invariant((t->path + "/").find("/../") == std::string::npos, "nothing leads upwards");
  invariant(t->path.find('\0') == std::string::npos, "no control character");
}

void run_percent(std::string_view text) {
  const std::string coded = percent_encode(text);
  for (const bool plus_is_space : {false, true}) {
    const auto back = percent_decode(coded, plus_is_space);
    invariant(back.has_value() && *back == text, "what was encoded decodes to the same");
    (void)percent_decode(text, plus_is_space);
  }
}

void run_query(std::string_view text) {
  const auto pairs = parse_query(text);
  if (pairs) invariant(pairs->size() <= 64, "the number of pairs is bounded");
}

void run_coded_body(std::string_view text) {
  constexpr std::size_t limit = 1 << 16;
  static constexpr std::array<std::string_view, 4> codings{"gzip", "deflate", "gzip, deflate",
                                                           "identity"};
  if (text.empty()) return;
  const auto coding = codings[static_cast<unsigned char>(text.front()) % codings.size()];
  const auto body = decode_content(coding, std::string{text.substr(1)}, limit);
  if (body) invariant(body->size() <= limit, "what comes out is bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  static constexpr std::array runs{run_url, run_target, run_percent, run_query, run_coded_body};
  runs[data[0] % runs.size()](text);
  return 0;
}
