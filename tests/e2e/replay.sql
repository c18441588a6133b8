-- Derives positions, cash, fees and realised profit once more, from the fills and settlements alone, and prints a line for
-- each figure that execution has otherwise. Everything is exact: millionths, whole numbers.
BEGIN ISOLATION LEVEL REPEATABLE READ;

CREATE TEMP TABLE held (
    contract_id text    PRIMARY KEY,
    quantity    numeric NOT NULL DEFAULT 0,
    cost        numeric NOT NULL DEFAULT 0,
    realised    numeric NOT NULL DEFAULT 0,
    fees        numeric NOT NULL DEFAULT 0
) ON COMMIT DROP;
CREATE TEMP TABLE expected (account text NOT NULL, amount numeric NOT NULL) ON COMMIT DROP;

CREATE FUNCTION pg_temp.half_even(a numeric, b numeric) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    low  numeric := floor(a / b);
    rest numeric;
BEGIN
    -- floor of a rounded quotient may be one off.
    WHILE low * b > a LOOP low := low - 1; END LOOP;
    WHILE (low + 1) * b <= a LOOP low := low + 1; END LOOP;
    rest := 2 * (a - low * b);
    RETURN CASE WHEN rest > b OR (rest = b AND mod(low, 2) <> 0) THEN low + 1 ELSE low END;
END $$;

-- Takes `q` contracts, at their share of the cost, out of a holding against `received`.
CREATE FUNCTION pg_temp.release(c text, q numeric, received numeric) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was  held;
    part numeric;
BEGIN
    SELECT * INTO was FROM held WHERE contract_id = c;
    part := CASE WHEN q = was.quantity THEN was.cost ELSE pg_temp.half_even(was.cost * q, was.quantity) END;
    UPDATE held SET quantity = quantity - q, cost = cost - part, realised = realised + received - part
     WHERE contract_id = c;
    INSERT INTO expected VALUES ('contracts:' || c, -part), ('realised:' || split_part(c, ':', 1), part - received);
END $$;

CREATE FUNCTION pg_temp.replay() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    e      record;
    c      text;
    other  text;
    buying boolean;
    p      numeric;
    amount numeric;
    pairs  numeric;
    first_cost numeric;
BEGIN
    FOR e IN
        SELECT l.entry_no, l.kind, f.venue, f.contract_id, f.side, f.price, f.quantity, f.fee, l.value, f.fill_id
          FROM fill f
          FULL JOIN (SELECT transaction_id, min(entry_no) AS entry_no, min(l.kind) AS kind,
                            max(split_part(l.transaction_id, ':', 2)) AS venue,
                            max(substr(l.account, 11)) FILTER (WHERE l.account LIKE 'contracts:%') AS settled,
                            NULL::bigint AS value
                       FROM ledger_entry l WHERE l.kind IN ('fill', 'settlement') GROUP BY 1) l
            ON l.transaction_id = 'fill:' || f.venue || ':' || f.fill_id
         WHERE l.kind IS DISTINCT FROM 'settlement'
        UNION ALL
        SELECT min(l.entry_no), 'settlement', split_part(k.contract_id, ':', 1), k.contract_id, '', 0, 0, 0,
               max(CASE k.outcome WHEN 'yes' THEN s.settlement_value ELSE 1000000 - s.settlement_value END), ''
          FROM ledger_entry l
          JOIN contract k ON l.account = 'contracts:' || k.contract_id
          JOIN listing s USING (venue, listing_id)
         WHERE l.kind = 'settlement' GROUP BY l.transaction_id, k.contract_id
         ORDER BY 1 NULLS FIRST
    LOOP
        IF e.entry_no IS NULL THEN RAISE EXCEPTION 'fill % is in no ledger transaction', e.fill_id; END IF;
        IF e.fill_id IS NULL THEN RAISE EXCEPTION 'entry % books a fill that does not exist', e.entry_no; END IF;
        INSERT INTO held (contract_id) VALUES (e.contract_id) ON CONFLICT DO NOTHING;
        IF e.kind = 'settlement' THEN
            SELECT quantity INTO pairs FROM held WHERE contract_id = e.contract_id;
            amount := floor(pairs * e.value / 1000000);
            PERFORM pg_temp.release(e.contract_id, pairs, amount);
            INSERT INTO expected VALUES ('receivable:' || e.venue, amount);
            CONTINUE;
        END IF;
        c := e.contract_id;
        p := e.price;
        buying := e.side = 'buy';
        other := NULL;
        IF e.venue = 'kalshi' THEN  -- nets the two contracts of a listing
            SELECT o.contract_id INTO STRICT other
              FROM contract k JOIN contract o USING (venue, listing_id)
             WHERE k.contract_id = c AND o.contract_id <> c;
            INSERT INTO held (contract_id) VALUES (other) ON CONFLICT DO NOTHING;
            IF NOT buying AND e.quantity > (SELECT greatest(quantity, 0) FROM held WHERE contract_id = c) THEN
                SELECT other, c, 1000000 - p, true INTO c, other, p, buying;
            END IF;
        END IF;
        UPDATE held SET fees = fees + e.fee WHERE contract_id = c;
        INSERT INTO expected VALUES ('fees:' || e.venue, e.fee), ('cash:' || e.venue, -e.fee);
        IF buying THEN
            amount := ceil(p * e.quantity / 1000000);
            UPDATE held SET quantity = quantity + e.quantity, cost = cost + amount WHERE contract_id = c;
            INSERT INTO expected VALUES ('cash:' || e.venue, -amount), ('contracts:' || c, amount);
        ELSE
            amount := floor(p * e.quantity / 1000000);
            INSERT INTO expected VALUES ('cash:' || e.venue, amount);
            PERFORM pg_temp.release(c, e.quantity, amount);
        END IF;
        IF other IS NOT NULL THEN
            SELECT least(a.quantity, b.quantity) INTO pairs FROM held a, held b
             WHERE a.contract_id = c AND b.contract_id = other;
            CONTINUE WHEN pairs <= 0;
            SELECT CASE WHEN pairs = quantity THEN cost ELSE pg_temp.half_even(cost * pairs, quantity) END INTO first_cost
              FROM held WHERE contract_id = c;
            PERFORM pg_temp.release(c, pairs, first_cost);
            PERFORM pg_temp.release(other, pairs, pairs - first_cost);
            INSERT INTO expected VALUES ('cash:' || e.venue, pairs);
        END IF;
    END LOOP;
END $$;
SELECT FROM pg_temp.replay();

SELECT 'position ' || contract_id || ': held ' || coalesce(p.quantity, 0) || ', fills say ' || coalesce(h.quantity, 0) ||
       '; cost ' || coalesce(p.cost, 0) || ' and ' || coalesce(h.cost, 0) || '; realised ' || coalesce(p.realised, 0) ||
       ' and ' || coalesce(h.realised, 0) || '; fees ' || coalesce(p.fees, 0) || ' and ' || coalesce(h.fees, 0)
  FROM position p FULL JOIN held h USING (contract_id)
 WHERE (coalesce(p.quantity, 0), coalesce(p.cost, 0), coalesce(p.realised, 0), coalesce(p.fees, 0))
    <> (coalesce(h.quantity, 0), coalesce(h.cost, 0), coalesce(h.realised, 0), coalesce(h.fees, 0))
UNION ALL
SELECT 'account ' || account || ': ledger ' || coalesce(l.amount, 0) || ', fills say ' || coalesce(x.amount, 0)
  FROM (SELECT account, sum(amount) AS amount FROM ledger_entry WHERE kind IN ('fill', 'settlement') GROUP BY 1) l
  FULL JOIN (SELECT account, sum(amount) AS amount FROM expected GROUP BY 1) x USING (account)
 WHERE coalesce(l.amount, 0) <> coalesce(x.amount, 0)
UNION ALL
SELECT 'transaction ' || transaction_id || ' sums to ' || sum(amount)
  FROM ledger_entry GROUP BY transaction_id HAVING sum(amount) <> 0
UNION ALL
SELECT 'the ledger sums to ' || sum(amount) FROM ledger_entry HAVING sum(amount) <> 0
UNION ALL
SELECT 'transaction ' || transaction_id || ' of kind ' || kind || ' explains what fills do not'
  FROM ledger_entry WHERE kind NOT IN ('opening', 'fill', 'settlement', 'payout') GROUP BY transaction_id, kind;
ROLLBACK;
