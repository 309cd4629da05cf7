-- Runs groups of cases, each in a subtransaction that is undone, and says what came of each.
-- One call makes one round trip of thousands of cases.
--
-- `layout` says how `ops` are to be read: for each group the number of its setup statements
-- and of its cases, then for each case the number of its statements; that of a case whose
-- statements are judged one by one is negative.
CREATE OR REPLACE FUNCTION pg_temp.shakedown_run(ops text[], layout int[], deferred boolean)
RETURNS TABLE (op int, state text, by_constraint text, message text, given text)
LANGUAGE plpgsql
AS $run$
#variable_conflict use_variable
DECLARE
    place int := 1;   -- the next entry of layout
    first int := 1;   -- the first statement of what is run
    groups int := coalesce(array_length(layout, 1), 0);
    setups int;
    cases int;
    size int;
    n int;
    stepwise boolean;
BEGIN
    WHILE place <= groups LOOP
        setups := layout[place];
        cases := layout[place + 1];
        place := place + 2;
        op := 0;
        BEGIN
            WHILE op < setups LOOP
                EXECUTE ops[first + op];
                op := op + 1;
            END LOOP;
            first := first + setups;
            op := NULL;
            state := NULL; by_constraint := NULL; message := NULL; given := NULL;
            RETURN NEXT;
            FOR n IN place .. place + cases - 1 LOOP
                size := abs(layout[n]);
                stepwise := layout[n] < 0;
                state := NULL; by_constraint := NULL; message := NULL; given := NULL;
                op := 0;
                BEGIN
                    WHILE op < size LOOP
                        IF stepwise THEN
                            state := NULL; by_constraint := NULL; message := NULL; given := NULL;
                            BEGIN
                                IF ops[first + op] ^@ 'SELECT ' THEN
                                    EXECUTE ops[first + op] INTO given;
                                    state := 'value';
                                ELSE
                                    EXECUTE ops[first + op];
                                END IF;
                            EXCEPTION WHEN OTHERS OR ASSERT_FAILURE THEN
                                GET STACKED DIAGNOSTICS by_constraint = CONSTRAINT_NAME, message = MESSAGE_TEXT;
                                state := SQLSTATE;
                            END;
                            RETURN NEXT;
                        ELSIF ops[first + op] ^@ 'SELECT ' THEN
                            EXECUTE ops[first + op] INTO given;
                            state := 'value';
                        ELSE
                            EXECUTE ops[first + op];
                        END IF;
                        op := op + 1;
                    END LOOP;
                    IF stepwise THEN
                        state := NULL; by_constraint := NULL; message := NULL; given := NULL;
                    END IF;
                    IF deferred THEN
                        SET CONSTRAINTS ALL IMMEDIATE;
                    END IF;
                    -- Everything went well, and is undone.
                    RAISE SQLSTATE 'SDOWN';
                EXCEPTION
                    WHEN SQLSTATE 'SDOWN' THEN
                        NULL;
                    WHEN OTHERS OR ASSERT_FAILURE THEN
                        GET STACKED DIAGNOSTICS by_constraint = CONSTRAINT_NAME, message = MESSAGE_TEXT;
                        state := SQLSTATE;
                END;
                RETURN NEXT;
                first := first + size;
            END LOOP;
            RAISE SQLSTATE 'SDOWN';
        EXCEPTION
            WHEN SQLSTATE 'SDOWN' THEN
                NULL;
            WHEN OTHERS OR ASSERT_FAILURE THEN
                -- The setup failed: its one row says how, and no case of the group has any.
                GET STACKED DIAGNOSTICS by_constraint = CONSTRAINT_NAME, message = MESSAGE_TEXT;
                state := SQLSTATE;
                RETURN NEXT;
                first := first + setups;
                FOR n IN place .. place + cases - 1 LOOP
                    first := first + abs(layout[n]);
                END LOOP;
        END;
        place := place + cases;
    END LOOP;
END
$run$
;

-- The one value of a query, or NULL if it cannot be computed.
CREATE OR REPLACE FUNCTION pg_temp.shakedown_value(query text)
RETURNS text
LANGUAGE plpgsql
AS $run$
DECLARE
    given text;
BEGIN
    EXECUTE query INTO given;
    RETURN given;
EXCEPTION WHEN OTHERS OR ASSERT_FAILURE THEN
    RETURN NULL;
END
$run$
