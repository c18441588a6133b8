// The venue's SHA-1 over a whole book: proof that a local copy equals the venue's.
#pragma once

#include "cornice/venue/polymarket/text_book.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

// OpenSSL's digest context and algorithm, so that its headers stay out of ours.
struct evp_md_ctx_st;
struct evp_md_st;

namespace cornice::venue::polymarket {

/// What the hash covers besides the levels, each exactly as the venue writes it.
struct book_identity {
  std::string_view market;
  std::string_view asset_id;
  std::string_view timestamp;
  std::string_view min_order_size;
  std::string_view tick_size;
  bool neg_risk = false;
  std::string_view last_trade_price;
};

using book_digest = std::array<char, 40>;  ///< lower-case hex

/// SHA-1 of the compact JSON {market, asset_id, timestamp, hash:"", bids, asks, min_order_size,
/// tick_size, neg_risk, last_trade_price}, level texts verbatim, worst price first (polymarket.md
/// 3.1; recomputed on live payloads). Costs 5 to 50 µs by book size. Keeps its buffers: one per
/// thread.
class book_hasher {
 public:
  book_hasher();
  ~book_hasher();
  book_hasher(book_hasher&&) noexcept;
  book_hasher& operator=(book_hasher&&) noexcept;

  [[nodiscard]] book_digest hash(const book_identity& id, const text_book& book);
  /// Over levels in the order given.
  [[nodiscard]] book_digest hash(const book_identity& id, std::span<const wire_level> bids,
                                 std::span<const wire_level> asks);
  /// The text that the last hash() digested; for diagnosis.
  [[nodiscard]] const std::string& preimage() const noexcept { return preimage_; }

 private:
  struct context_deleter {
    void operator()(evp_md_ctx_st* p) const noexcept;
  };
  struct algorithm_deleter {
    void operator()(evp_md_st* p) const noexcept;
  };
  template <class Bids, class Asks>
  book_digest digest_of(const book_identity& id, const Bids& bids, const Asks& asks);

  std::unique_ptr<evp_md_st, algorithm_deleter> sha1_;
  std::unique_ptr<evp_md_ctx_st, context_deleter> context_;
  std::string preimage_;
};

[[nodiscard]] inline std::string_view as_text(const book_digest& d) noexcept {
  return {d.data(), d.size()};
}

}  // namespace cornice::venue::polymarket
