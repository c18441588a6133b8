// Waiting for a broker client's queues.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "cornice/infra/async.hpp"
#include "cornice/infra/supervisor.hpp"

namespace cornice::infra {

/// Returns true once the client's queues are bound and consumed: what is published from then on
/// arrives. Whoever reads a state from elsewhere and then follows messages waits for this first, or
/// it misses what happens in between. False when cancelled.
task<bool> wait_until_consuming(amqp_client& bus, health_reporter& health);

}  // namespace cornice::infra
