#include "data/feed_context.hpp"

namespace cornice::data {
namespace {

constexpr std::chrono::minutes repeat_after{1};
constexpr std::size_t max_kinds = 256;

}  // namespace

complaint_log::complaint_log(std::string component, venue_id venue,
                             infra::metrics_registry& metrics)
    : log_{std::move(component)},
      venue_{to_string(venue)},
      counter_{metrics.make_counter("cornice_data_unreadable_total",
                                    "Frames and bodies that could not be used.",
                                    {{"venue", venue_}})} {}

void complaint_log::unreadable(std::string_view kind, std::string_view what, instant now) {
  counter_.add();
  const auto known = last_.find(kind);
  if (known != last_.end() && now - known->second < repeat_after) return;
  if (known == last_.end() && last_.size() >= max_kinds) return;
  last_.insert_or_assign(std::string{kind}, now);
  log_.warn("venue_unreadable", {{"venue", venue_}, {"kind", kind}, {"error", what}});
}

}  // namespace cornice::data
