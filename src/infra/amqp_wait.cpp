#include "cornice/infra/amqp_wait.hpp"

namespace cornice::infra {

task<bool> wait_until_consuming(amqp_client& bus, health_reporter& health) {
  constexpr std::chrono::milliseconds poll{20};
  bool on = true;
  while (on && bus.consume_state() != amqp_state::up) {
    health.degraded("the broker is away");
    on = co_await sleep_for(poll);
  }
  co_return on;
}

}  // namespace cornice::infra
