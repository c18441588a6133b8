#include "api/live_model.hpp"

#include "cornice/model/codec.hpp"

#include <nlohmann/json.hpp>

namespace cornice::api {

void live_model::take(const infra::amqp_delivery& d) {
  if (d.message.type == message_type<feed_signal>()) {
    // What cannot be decoded is reported by the pieces that act on it.
    if (auto f = decode<feed_signal>(d.message.body))
      feeds_.insert_or_assign(f->venue, std::move(*f));
    return;
  }
  if (d.message.type != message_type<book_signal>()) return;
  // Decoding waits until somebody looks; the key needs only the contract.
  constexpr std::string_view key = "\"contract\":\"";
  const std::string& body = d.message.body;
  const auto from = body.find(key);
  if (from == std::string::npos) return;
  const auto begin = from + key.size();
  const auto id =
      contract_id::parse(std::string_view{body}.substr(begin, body.find('"', begin) - begin));
  if (!id) return;
  const auto at = books_.find(*id);
  if (at != books_.end())
    at->second = body;
  else if (books_.size() < books_max_)
    books_.emplace(*id, body);
}

std::string live_model::books_page(std::string_view venue, std::string_view contract,
                                   std::string_view cursor, std::size_t limit) const {
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  std::string next;
  for (const auto& [id, body] : books_) {
    if (!cursor.empty() && id.view() <= cursor) continue;
    if (!venue.empty() && to_string(id.venue()) != venue) continue;
    if (!contract.empty() && id.view() != contract) continue;
    if (items.size() == limit) {
      next = items.back()["contract"].get<std::string>();
      break;
    }
    nlohmann::ordered_json item = {{"venue", to_string(id.venue())}};
    const auto book = nlohmann::ordered_json::parse(body, nullptr, false);
    if (!book.is_object()) continue;
    item.update(book);
    items.push_back(std::move(item));
  }
  nlohmann::ordered_json out = {{"items", std::move(items)}, {"next_cursor", nullptr}};
  if (!next.empty()) out["next_cursor"] = next;
  return out.dump();
}

}  // namespace cornice::api
