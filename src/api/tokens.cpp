#include "cornice/api/tokens.hpp"

#include "cornice/base/check.hpp"

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>

namespace cornice::api {
namespace {

using nlohmann::json;

constexpr std::size_t max_tokens = 1000;

result<std::string> text_at(const json& o, const char* key, const std::string& where) {
  const auto at = o.find(key);
  if (at == o.end()) return error{errc::missing_field, where + "/" + key + " is missing"};
  if (!at->is_string()) return error{errc::malformed, where + "/" + key + " must be a string"};
  return at->get<std::string>();
}

}  // namespace

std::string_view to_string(role r) noexcept {
  switch (r) {
    case role::viewer:
      return "viewer";
    case role::operator_:
      return "operator";
    case role::admin:
      return "admin";
  }
  return "viewer";
}

result<role> parse_role(std::string_view text) {
  for (const role r : {role::viewer, role::operator_, role::admin})
    if (to_string(r) == text) return r;
  return error{errc::invalid_argument,
               "role \"" + std::string{text} + "\" is none of viewer, operator, admin"};
}

std::string hash_token(std::string_view token) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  invariant(
      EVP_Digest(token.data(), token.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1,
      "SHA-256 is always available");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4U];
    out += digits[digest[i] & 15U];
  }
  return out;
}

result<token_list> token_list::parse(std::string_view text) {
  const json whole = json::parse(text, nullptr, false);
  if (!whole.is_object() || !whole.contains("tokens") || !whole["tokens"].is_array())
    return error{errc::malformed, "the tokens file must be {\"tokens\":[…]}"};
  token_list out;
  for (std::size_t i = 0; i < whole["tokens"].size(); ++i) {
    const std::string where = "/tokens/" + std::to_string(i);
    const json& row = whole["tokens"][i];
    if (!row.is_object()) return error{errc::malformed, where + " must be an object"};
    CORNICE_TRY(name, text_at(row, "name", where));
    CORNICE_TRY(role_text, text_at(row, "role", where));
    CORNICE_TRY(hash, text_at(row, "sha256", where));
    const auto may = parse_role(role_text);
    if (!may) return may.error().within(where + "/role");
    if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
      return error{errc::malformed, where + "/sha256 must be 64 lower-case hex digits"};
    CORNICE_CHECK_OK(out.add({name, *may, hash}));
  }
  return out;
}

result<void> token_list::add(token_entry e) {
  if (entries_.size() >= max_tokens) return error{errc::out_of_range, "more than 1000 tokens"};
  for (const token_entry& known : entries_)
    if (known.name == e.name)
      return error{errc::conflict, "token \"" + e.name + "\" exists already"};
  entries_.push_back(std::move(e));
  return {};
}

std::string token_list::to_json() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const token_entry& e : entries_)
    list.push_back({{"name", e.name}, {"role", to_string(e.may)}, {"sha256", e.sha256}});
  return nlohmann::ordered_json{{"tokens", list}}.dump(2) + "\n";
}

std::optional<token_entry> token_list::find(std::string_view token) const {
  const std::string hash = hash_token(token);
  std::optional<token_entry> found;
  for (const token_entry& e : entries_)
    if (CRYPTO_memcmp(e.sha256.data(), hash.data(), hash.size()) == 0) found = e;
  return found;
}

}  // namespace cornice::api
