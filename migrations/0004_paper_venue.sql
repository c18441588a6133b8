-- The books of the built-in paper venue: a stranger's truth, which execution may only learn through cornice.account.
-- It must survive the daemon like a real venue would.

CREATE TABLE paper_order (
    venue          text        NOT NULL,
    venue_order_id text        NOT NULL,
    order_id       text        NOT NULL,      -- client order id: a second order with it is refused
    contract_id    text        NOT NULL,
    side           text        NOT NULL,
    limit_price    bigint      NOT NULL,
    size           bigint      NOT NULL,
    filled         bigint      NOT NULL DEFAULT 0,
    status         text        NOT NULL,      -- resting, filled, cancelled, rejected
    reason         text        NOT NULL DEFAULT '',
    created        timestamptz NOT NULL,
    updated        timestamptz NOT NULL,
    trace_id       text        NOT NULL DEFAULT '',
    PRIMARY KEY (venue, venue_order_id),
    UNIQUE (venue, order_id)
);

CREATE TABLE paper_fill (
    venue          text        NOT NULL,
    fill_id        text        NOT NULL,
    venue_order_id text        NOT NULL,
    contract_id    text        NOT NULL,
    side           text        NOT NULL,
    price          bigint      NOT NULL,
    quantity       bigint      NOT NULL,
    fee            bigint      NOT NULL,
    role           text        NOT NULL,
    at             timestamptz NOT NULL,
    reported       boolean     NOT NULL DEFAULT false,  -- confirmed by the broker on cornice.account
    PRIMARY KEY (venue, fill_id),
    FOREIGN KEY (venue, venue_order_id) REFERENCES paper_order (venue, venue_order_id)
);
CREATE INDEX paper_fill_unreported ON paper_fill (at) WHERE NOT reported;
CREATE INDEX paper_fill_time ON paper_fill (venue, at);

CREATE TABLE paper_account (
    venue text   NOT NULL PRIMARY KEY,
    cash  bigint NOT NULL
);

CREATE TABLE paper_position (
    venue       text   NOT NULL,
    contract_id text   NOT NULL,
    quantity    bigint NOT NULL,
    PRIMARY KEY (venue, contract_id)
);
