// Ids that derive from a decision: the same decision has the same id after a crash, so nothing can
// be done twice under two names.
#pragma once

#include "cornice/model/ids.hpp"

#include <cstdint>

namespace cornice::execution {

/// One opportunity makes at most one bundle.
[[nodiscard]] bundle_id bundle_id_of(const opportunity_id& opportunity);

/// UUID (version 4 layout) from SHA-256 over bundle, leg and attempt. Also the venue's client order
/// id.
[[nodiscard]] order_id order_id_of(const bundle_id& bundle, std::uint32_t leg,
                                   std::uint32_t attempt);

}  // namespace cornice::execution
