#include "cornice/model/tick_grid.hpp"

#include <algorithm>
#include <string>

namespace cornice {
namespace {

std::string describe(const tick_band& band) {
  return "[" + band.start.to_string() + ", " + band.end.to_string() + "] step " +
         format_millionths(band.step_micros, 2);
}

error bad_grid(const std::string& why) {
  return {errc::invalid_argument, "price grid: " + why};
}

}  // namespace

result<tick_grid> tick_grid::from_bands(std::vector<tick_band> bands) {
  if (bands.empty()) return bad_grid("it has no band");
  if (bands.size() > max_bands)
    return bad_grid("it has " + std::to_string(bands.size()) + " bands, at most " +
                    std::to_string(max_bands) + " are accepted");
  price reached;
  for (const tick_band& band : bands) {
    if (band.start != reached)
      return bad_grid("band " + describe(band) + " must start where the one before ends, at " +
                      reached.to_string());
    if (band.end <= band.start) return bad_grid("band " + describe(band) + " is empty");
    const std::int64_t width = band.end.micros() - band.start.micros();
    if (band.step_micros <= 0 || width % band.step_micros != 0)
      return bad_grid("the step of band " + describe(band) + " must be positive and divide it");
    reached = band.end;
  }
  if (reached.micros() != price::one)
    return bad_grid("the bands must end at 1.00, they end at " + reached.to_string());
  tick_grid grid;
  grid.bands_ = std::move(bands);
  return grid;
}

result<tick_grid> tick_grid::uniform(std::int64_t step_micros) {
  return from_bands({tick_band{price{}, price::of_micros(price::one), step_micros}});
}

bool tick_grid::accepts(price p) const noexcept {
  return floor(p) == p;
}

std::optional<price> tick_grid::floor(price p) const noexcept {
  // One dollar itself is never valid, and every band's step divides it, so stopping one micro short
  // of the dollar loses nothing.
  const std::int64_t at_most = std::min(p.micros(), price::one - 1);
  const auto band = std::find_if(bands_.begin(), bands_.end(), [at_most](const tick_band& b) {
    return at_most <= b.end.micros();
  });
  if (band == bands_.end()) return std::nullopt;
  const std::int64_t start = band->start.micros();
  const std::int64_t found = start + (at_most - start) / band->step_micros * band->step_micros;
  if (found == 0) return std::nullopt;
  return price::of_micros(found);
}

std::optional<price> tick_grid::ceil(price p) const noexcept {
  const std::int64_t at_least = std::max<std::int64_t>(p.micros(), 1);
  const auto band = std::find_if(bands_.begin(), bands_.end(), [at_least](const tick_band& b) {
    return at_least <= b.end.micros();
  });
  if (band == bands_.end()) return std::nullopt;
  const std::int64_t start = band->start.micros();
  const std::int64_t steps = (at_least - start + band->step_micros - 1) / band->step_micros;
  const std::int64_t found = start + steps * band->step_micros;
  if (found == price::one) return std::nullopt;
  return price::of_micros(found);
}

tick_grid tick_grid::complement() const {
  tick_grid mirrored;
  mirrored.bands_.reserve(bands_.size());
  for (auto band = bands_.rbegin(); band != bands_.rend(); ++band)
    mirrored.bands_.push_back(
        {band->end.complement(), band->start.complement(), band->step_micros});
  return mirrored;
}

std::int64_t tick_grid::finest_step_micros() const noexcept {
  std::int64_t finest = 0;
  for (const tick_band& band : bands_)
    if (finest == 0 || band.step_micros < finest) finest = band.step_micros;
  return finest;
}

}  // namespace cornice
