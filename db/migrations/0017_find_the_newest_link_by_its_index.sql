-- `NOT EXISTS (… number > new.number)` was planned, once and for all, by a generic estimate that a third of the chain lies
-- beyond any number: a scan of the whole table for each link. The newest number is one step of the index, however long it is.
CREATE OR REPLACE FUNCTION audit_move_head() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  newest integer;
BEGIN
  SELECT number INTO newest FROM audit_chain WHERE tenant_id = new.tenant_id ORDER BY number DESC LIMIT 1;
  IF newest = new.number THEN
    UPDATE audit_heads SET number = new.number, hash = new.hash WHERE tenant_id = new.tenant_id;
  END IF;
  RETURN NULL;
END $$;
