#include "infra/log_redactor.hpp"

#include "infra/log_line.hpp"

#include <algorithm>
#include <mutex>

namespace cornice::infra {

void log_redactor::add(std::string_view secret) {
  const std::unique_lock lock{mutex_};
  add_form(std::string{secret});
  while (!secret.empty()) {
    const std::size_t end = std::min(secret.find('\n'), secret.size());
    std::string_view line = secret.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    // The `-----BEGIN …-----` lines of PEM are public words.
    if (!line.starts_with("-----")) add_form(std::string{line});
    secret.remove_prefix(std::min(end + 1, secret.size()));
  }
}

void log_redactor::add_form(std::string form) {
  if (form.size() < shortest_secret) return;
  std::string escaped;
  append_json_escaped(escaped, form);
  for (std::string* text : {&form, &escaped})
    if (std::find(forms_.begin(), forms_.end(), *text) == forms_.end())
      forms_.push_back(std::move(*text));
  std::stable_sort(forms_.begin(), forms_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void log_redactor::apply(std::string& text) const {
  const std::shared_lock lock{mutex_};
  for (const std::string& secret : forms_) {
    std::size_t at = text.find(secret);
    while (at != std::string::npos) {
      text.replace(at, secret.size(), mark);
      at = text.find(secret, at + mark.size());
    }
  }
}

}  // namespace cornice::infra
