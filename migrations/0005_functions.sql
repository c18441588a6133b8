-- What must happen in one round trip and one transaction.

-- Times in the form that the audit trail hashes: microseconds, UTC, Z.
CREATE FUNCTION rfc3339(t timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Appends to the hash chain. Whoever appends holds the chain's lock until commit, so numbers have no gaps and no two entries
-- share a predecessor. The text that is hashed is the one of execution/audit.hpp: every field prefixed by its length in bytes.
CREATE FUNCTION audit_append(p_at timestamptz, p_actor text, p_action text, p_subject text, p_detail text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    last_no   bigint := 0;
    last_hash text := repeat('0', 64);
    fields    text[];
    covered   text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('cornice.audit_log'));
    SELECT audit_no, hash INTO last_no, last_hash FROM audit_log ORDER BY audit_no DESC LIMIT 1;
    IF NOT FOUND THEN
        last_no := 0;
        last_hash := repeat('0', 64);
    END IF;
    covered := last_hash;
    FOREACH fields SLICE 1 IN ARRAY ARRAY[ARRAY[(last_no + 1)::text], ARRAY[rfc3339(p_at)], ARRAY[p_actor], ARRAY[p_action],
                                          ARRAY[p_subject], ARRAY[p_detail]] LOOP
        covered := covered || octet_length(fields[1]) || ':' || fields[1] || E'\n';
    END LOOP;
    INSERT INTO audit_log (audit_no, at, actor, action, subject, detail, prev_hash, hash)
    VALUES (last_no + 1, p_at, p_actor, p_action, p_subject, p_detail, last_hash,
            encode(sha256(convert_to(covered, 'UTF8')), 'hex'));
    RETURN last_no + 1;
END $$;

-- One commit of the order manager (several, when they queued up). Answers false when it was applied before: the caller
-- did not hear the first answer. A holder whose fence is no longer the lease's is refused.
CREATE FUNCTION execution_commit(p_lease text, p_fence bigint, p_commit bigint, p_mode text, doc jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    current_fence bigint;
    entry jsonb;
BEGIN
    UPDATE lease SET last_commit = p_commit WHERE name = p_lease AND fence = p_fence AND last_commit < p_commit;
    IF NOT FOUND THEN
        SELECT fence INTO current_fence FROM lease WHERE name = p_lease;
        IF current_fence IS DISTINCT FROM p_fence THEN
            RAISE EXCEPTION 'lease % is held under fence %, not %', p_lease, current_fence, p_fence
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        RETURN false;
    END IF;

    IF doc ? 'opportunities' THEN
        INSERT INTO opportunity (opportunity_id, kind, market_id, edge, cost, fees, annual_return_ppm, created, expires,
                                 verdict, refused_by, refusal, trace_id, body)
        SELECT opportunity_id, kind, market_id, edge, cost, fees, annual_return_ppm, created, expires, verdict, refused_by,
               refusal, trace_id, body
          FROM jsonb_to_recordset(doc->'opportunities') AS r(opportunity_id text, kind text, market_id text, edge bigint,
               cost bigint, fees bigint, annual_return_ppm bigint, created timestamptz, expires timestamptz, verdict text,
               refused_by text, refusal text, trace_id text, body jsonb)
        ON CONFLICT (opportunity_id) DO NOTHING;
    END IF;

    IF doc ? 'bundles' THEN
        INSERT INTO bundle (bundle_id, opportunity_id, mode, state, plan, reason, trace_id, created, updated)
        SELECT bundle_id, opportunity_id, p_mode, state, plan, reason, trace_id, created, updated
          FROM jsonb_to_recordset(doc->'bundles') AS r(bundle_id text, opportunity_id text, state text, plan jsonb,
               reason text, trace_id text, created timestamptz, updated timestamptz)
        ON CONFLICT (bundle_id) DO UPDATE SET state = EXCLUDED.state, plan = EXCLUDED.plan, reason = EXCLUDED.reason,
               updated = EXCLUDED.updated;
    END IF;

    IF doc ? 'orders' THEN
        INSERT INTO orders (order_id, bundle_id, leg, attempt, mode, venue, contract_id, side, limit_price, size,
                            time_in_force, purpose, state, filled, claimed, fill_notional, fees, venue_order_id, reason,
                            sent_at, in_doubt_since, cancel_wanted, flagged, trace_id, created, updated)
        SELECT order_id, bundle_id, leg, attempt, p_mode, venue, contract_id, side, limit_price, size, time_in_force,
               purpose, state, filled, claimed, fill_notional, fees, venue_order_id, reason, sent_at, in_doubt_since,
               cancel_wanted, flagged, trace_id, created, updated
          FROM jsonb_to_recordset(doc->'orders') AS r(order_id text, bundle_id text, leg integer, attempt integer,
               venue text, contract_id text, side text, limit_price bigint, size bigint, time_in_force text, purpose text,
               state text, filled bigint, claimed bigint, fill_notional bigint, fees bigint, venue_order_id text,
               reason text, sent_at timestamptz, in_doubt_since timestamptz, cancel_wanted boolean, flagged boolean,
               trace_id text, created timestamptz, updated timestamptz)
        ON CONFLICT (order_id) DO UPDATE SET state = EXCLUDED.state, filled = EXCLUDED.filled, claimed = EXCLUDED.claimed,
               fill_notional = EXCLUDED.fill_notional, fees = EXCLUDED.fees, venue_order_id = EXCLUDED.venue_order_id,
               reason = EXCLUDED.reason, sent_at = EXCLUDED.sent_at, in_doubt_since = EXCLUDED.in_doubt_since,
               cancel_wanted = EXCLUDED.cancel_wanted, flagged = EXCLUDED.flagged, updated = EXCLUDED.updated;
    END IF;

    IF doc ? 'order_events' THEN
        INSERT INTO order_event (order_id, state, evidence, filled, reason, at)
        SELECT order_id, state, evidence, filled, reason, at
          FROM jsonb_to_recordset(doc->'order_events') AS r(order_id text, state text, evidence text, filled bigint,
               reason text, at timestamptz);
    END IF;

    IF doc ? 'fills' THEN
        INSERT INTO fill (venue, fill_id, order_id, venue_order_id, mode, contract_id, side, price, quantity, fee, role,
                          venue_time, applied, trace_id)
        SELECT venue, fill_id, order_id, venue_order_id, p_mode, contract_id, side, price, quantity, fee, role, venue_time,
               applied, trace_id
          FROM jsonb_to_recordset(doc->'fills') AS r(venue text, fill_id text, order_id text, venue_order_id text,
               contract_id text, side text, price bigint, quantity bigint, fee bigint, role text, venue_time timestamptz,
               applied timestamptz, trace_id text);
    END IF;

    IF doc ? 'ledger' THEN
        INSERT INTO ledger_entry (transaction_id, mode, kind, account, amount, memo, at)
        SELECT transaction_id, p_mode, kind, account, amount, memo, at
          FROM jsonb_to_recordset(doc->'ledger') AS r(transaction_id text, kind text, account text, amount bigint,
               memo text, at timestamptz);
    END IF;

    IF doc ? 'positions' THEN
        INSERT INTO position (mode, contract_id, venue, quantity, cost, realised, fees, updated)
        SELECT p_mode, contract_id, venue, quantity, cost, realised, fees, updated
          FROM jsonb_to_recordset(doc->'positions') AS r(contract_id text, venue text, quantity bigint, cost bigint,
               realised bigint, fees bigint, updated timestamptz)
        ON CONFLICT (mode, contract_id) DO UPDATE SET quantity = EXCLUDED.quantity, cost = EXCLUDED.cost,
               realised = EXCLUDED.realised, fees = EXCLUDED.fees, updated = EXCLUDED.updated;
    END IF;

    IF doc ? 'breakers' THEN
        INSERT INTO breaker (mode, scope, state, cause, detail, needs_person, changed_by, changed, trips_in_row, probes_left,
                             conditions)
        SELECT p_mode, scope, state, cause, detail, needs_person, changed_by, changed, trips_in_row, probes_left, conditions
          FROM jsonb_to_recordset(doc->'breakers') AS r(scope text, state text, cause text, detail text,
               needs_person boolean, changed_by text, changed timestamptz, trips_in_row bigint, probes_left bigint,
               conditions text[])
        ON CONFLICT (mode, scope) DO UPDATE SET state = EXCLUDED.state, cause = EXCLUDED.cause, detail = EXCLUDED.detail,
               needs_person = EXCLUDED.needs_person, changed_by = EXCLUDED.changed_by, changed = EXCLUDED.changed,
               trips_in_row = EXCLUDED.trips_in_row, probes_left = EXCLUDED.probes_left,
               conditions = EXCLUDED.conditions;
    END IF;

    IF doc ? 'days' THEN
        INSERT INTO day_baseline (mode, venue, day, realised, fees, unrealised)
        SELECT p_mode, venue, day, realised, fees, unrealised
          FROM jsonb_to_recordset(doc->'days') AS r(venue text, day date, realised bigint, fees bigint, unrealised bigint)
        ON CONFLICT (mode, venue, day) DO NOTHING;
    END IF;

    IF doc ? 'refusals' THEN
        INSERT INTO refusal (opportunity_id, check_name, detail, trace_id, at)
        SELECT opportunity_id, check_name, detail, trace_id, at
          FROM jsonb_to_recordset(doc->'refusals') AS r(opportunity_id text, check_name text, detail text, trace_id text,
               at timestamptz);
    END IF;

    IF doc ? 'outbox' THEN
        INSERT INTO outbox (routing_key, type, message_id, body, created)
        SELECT routing_key, type, message_id, body, created
          FROM ROWS FROM (jsonb_to_recordset(doc->'outbox') AS (routing_key text, type text, message_id text, body text,
               created timestamptz)) WITH ORDINALITY AS r(routing_key, type, message_id, body, created, place)
         ORDER BY place;
    END IF;

    IF doc ? 'audit' THEN
        FOR entry IN SELECT * FROM jsonb_array_elements(doc->'audit') LOOP
            PERFORM audit_append((entry->>'at')::timestamptz, entry->>'actor', entry->>'action', entry->>'subject',
                                 entry->>'detail');
        END LOOP;
    END IF;
    RETURN true;
END $$;
