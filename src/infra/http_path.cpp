#include "infra/http_rules.hpp"
#include "infra/utf8.hpp"

#include <algorithm>

namespace cornice::infra {

namespace {

error wrong(std::string_view what) {
  return {errc::malformed, "request target: " + std::string{what}};
}

bool valid_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto character = decode_utf8(text);
    if (!character.valid) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

/// Drops `scheme://authority` of an absolute-form target.
result<std::string_view> without_authority(std::string_view target) {
  if (target.front() == '/') return target;
  CORNICE_TRY(absolute, url::parse(target));
  if (absolute.scheme != "http" && absolute.scheme != "https")
    return wrong("the scheme of an absolute target must be http or https");
  const auto authority = target.find("://") + 3;
  return target.substr(std::min(target.find_first_of("/?", authority), target.size()));
}

}  // namespace

result<request_path> normalise_target(std::string_view target) {
  if (target.empty()) return wrong("is empty");
  for (const char c : target)
    if (c <= 0x20 || c >= 0x7f) return wrong("contains a space, a control character or non-ASCII");
  if (target.find('#') != std::string_view::npos) return wrong("a fragment is not allowed");
  if (target == "*") return request_path{"/", {}};

  CORNICE_TRY(local, without_authority(target));
  const auto question = std::min(local.find('?'), local.size());
  request_path out;
  out.query = local.substr(std::min(question + 1, local.size()));
  CORNICE_TRY(decoded, percent_decode(local.substr(0, question), false));
  if (!valid_utf8(decoded)) return wrong("the decoded path is not UTF-8");
  for (const char c : decoded)
    if ((c >= 0 && c < 0x20) || c == 0x7f || c == '\\')
      return wrong("the decoded path contains a control character or a backslash");

  std::string_view rest = decoded;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the '/' in front of the segment
    const auto end = std::min(rest.find('/'), rest.size());
    const auto segment = rest.substr(0, end);
    rest.remove_prefix(end);
    if (segment == "." || segment == "..") return wrong("a '.' or '..' segment is not allowed");
    // An empty segment stays only as the final slash: "//etc" must not turn into an absolute path
    // in whoever appends it to a folder.
    if (segment.empty() && !rest.empty()) continue;
    out.path.push_back('/');
    out.path.append(segment);
  }
  if (out.path.empty()) out.path = "/";
  return out;
}

}  // namespace cornice::infra
