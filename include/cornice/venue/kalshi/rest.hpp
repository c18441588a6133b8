// Everything public that Kalshi answers over REST.
#pragma once

#include "cornice/venue/kalshi/catalogue.hpp"
#include "cornice/venue/kalshi/exchange.hpp"
#include "cornice/venue/kalshi/market_data.hpp"
