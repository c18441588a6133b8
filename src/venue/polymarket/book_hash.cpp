#include "cornice/venue/polymarket/book_hash.hpp"

#include "cornice/base/check.hpp"
#include "venue/polymarket/json_writer.hpp"
#include "venue/polymarket/short_copy.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace cornice::venue::polymarket {
namespace {

constexpr std::size_t sha1_bytes = 20;

std::string_view price_text(const text_level& l) {
  return l.price_text();
}
std::string_view price_text(const wire_level& l) {
  return l.price_text;
}
std::string_view size_text(const text_level& l) {
  return l.size_text();
}
std::string_view size_text(const wire_level& l) {
  return l.size_text;
}

template <class Levels>
void append_levels(std::string& out, const Levels& levels) {
  constexpr std::string_view before_price = R"({"price":")";
  constexpr std::string_view before_size = R"(","size":")";
  constexpr std::string_view after = R"("},)";
  constexpr std::size_t frame = before_price.size() + before_size.size() + after.size();
  const std::size_t begin = out.size();
  std::size_t room = levels.size() * frame;
  for (const auto& l : levels) room += price_text(l).size() + size_text(l).size();
  out.resize(begin + room);
  char* at = out.data() + begin;
  for (const auto& l : levels) {
    at = copy_short(at, before_price);
    at = copy_short(at, price_text(l));
    at = copy_short(at, before_size);
    at = copy_short(at, size_text(l));
    at = copy_short(at, after);
  }
  if (!levels.empty()) out.pop_back();  // the last comma
}

void append_member(std::string& out, std::string_view opening, std::string_view text) {
  out += opening;
  append_escaped(out, text);
}

}  // namespace

void book_hasher::context_deleter::operator()(evp_md_ctx_st* p) const noexcept {
  EVP_MD_CTX_free(p);
}
void book_hasher::algorithm_deleter::operator()(evp_md_st* p) const noexcept {
  EVP_MD_free(p);
}

// Fetching once matters: OpenSSL 3 otherwise looks the algorithm up for every digest.
book_hasher::book_hasher()
    : sha1_{EVP_MD_fetch(nullptr, "SHA1", nullptr)}, context_{EVP_MD_CTX_new()} {
  if (sha1_ == nullptr || context_ == nullptr)
    throw std::runtime_error{"OpenSSL offers no SHA-1, which Polymarket book hashes need"};
}
book_hasher::~book_hasher() = default;
book_hasher::book_hasher(book_hasher&&) noexcept = default;
book_hasher& book_hasher::operator=(book_hasher&&) noexcept = default;

book_digest book_hasher::hash(const book_identity& id, const text_book& book) {
  return digest_of(id, book.levels(book_side::bid), book.levels(book_side::ask));
}

book_digest book_hasher::hash(const book_identity& id, std::span<const wire_level> bids,
                              std::span<const wire_level> asks) {
  return digest_of(id, bids, asks);
}

template <class Bids, class Asks>
book_digest book_hasher::digest_of(const book_identity& id, const Bids& bids, const Asks& asks) {
  std::string& out = preimage_;
  out.clear();
  append_member(out, R"({"market":")", id.market);
  append_member(out, R"(","asset_id":")", id.asset_id);
  append_member(out, R"(","timestamp":")", id.timestamp);
  out += R"(","hash":"","bids":[)";
  append_levels(out, bids);
  out += R"(],"asks":[)";
  append_levels(out, asks);
  append_member(out, R"(],"min_order_size":")", id.min_order_size);
  append_member(out, R"(","tick_size":")", id.tick_size);
  out += id.neg_risk ? R"(","neg_risk":true)" : R"(","neg_risk":false)";
  append_member(out, R"(,"last_trade_price":")", id.last_trade_price);
  out += R"("})";

  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const bool done = EVP_DigestInit_ex2(context_.get(), sha1_.get(), nullptr) == 1 &&
                    EVP_DigestUpdate(context_.get(), out.data(), out.size()) == 1 &&
                    EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1;
  invariant(done && size == sha1_bytes, "SHA-1 of a buffer cannot fail once it is available");

  constexpr std::string_view hex = "0123456789abcdef";
  book_digest text{};
  for (std::size_t i = 0; i < sha1_bytes; ++i) {
    text[2 * i] = hex[digest[i] >> 4];
    text[2 * i + 1] = hex[digest[i] & 0xf];
  }
  return text;
}

}  // namespace cornice::venue::polymarket
