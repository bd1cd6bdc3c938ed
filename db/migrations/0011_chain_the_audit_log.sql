-- A page of the log is a range of the primary key or of one of these; two for a person: what they did, what was done to them.
CREATE INDEX audit_by_action ON audit_entries (tenant_id, action, id) INCLUDE (actor_kind);--> statement-breakpoint
CREATE INDEX audit_by_door ON audit_entries (tenant_id, actor_kind, id) INCLUDE (action);--> statement-breakpoint
CREATE INDEX audit_by_actor ON audit_entries (tenant_id, actor_id, id) INCLUDE (action, actor_kind);--> statement-breakpoint
CREATE INDEX audit_by_target ON audit_entries (tenant_id, target_id, id) INCLUDE (action, actor_kind, actor_id);--> statement-breakpoint
CREATE INDEX audit_search ON audit_entries USING gin (tenant_id, search gin_trgm_ops);--> statement-breakpoint

-- What is hashed of an entry: every column, its number and the hash before it. jsonb prints keys by length, then by bytes,
-- so the text is one and the same wherever it is made; lib/audit/line.ts and scripts/verify-audit.mjs make it too.
CREATE FUNCTION audit_line(entry audit_entries, number integer, sealed_at timestamptz, previous text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'number', number, 'previous', previous,
    'sealedAt', to_char(sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'id', entry.id, 'tenantId', entry.tenant_id,
    'at', to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'action', entry.action, 'actorKind', entry.actor_kind, 'actorId', entry.actor_id,
    'actorLabel', entry.actor_label, 'actorName', entry.actor_name,
    'targetId', entry.target_id, 'targetLabel', entry.target_label, 'targetName', entry.target_name,
    'sessionId', entry.session_id, 'keyId', entry.key_id, 'keyName', entry.key_name,
    'ip', entry.ip, 'userAgent', entry.user_agent, 'details', entry.details
  )::text
$$;--> statement-breakpoint

-- Runs at the commit: the tenant's head is held for the commit alone, whatever the deed took before. A transaction with many
-- entries goes on from its own last link; one whose links were cut off goes on from the head, so that the gap stays.
CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head audit_heads;
  link audit_chain;
BEGIN
  SELECT * INTO head FROM audit_heads WHERE tenant_id = new.tenant_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    INSERT INTO audit_heads VALUES (new.tenant_id, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM audit_heads WHERE tenant_id = new.tenant_id FOR NO KEY UPDATE;
  END IF;
  SELECT * INTO link FROM audit_chain WHERE tenant_id = new.tenant_id ORDER BY number DESC LIMIT 1;
  IF link.number > head.number THEN
    head.number := link.number;
    head.hash := link.hash;
  END IF;
  link := (new.tenant_id, head.number + 1, new.id, clock_timestamp(), NULL);
  link.hash := encode(sha256(convert_to(audit_line(new, link.number, link.sealed_at, head.hash), 'UTF8')), 'hex');
  INSERT INTO audit_chain VALUES (link.*);
  RETURN NULL;
END $$;--> statement-breakpoint

-- Fires after all links of the transaction are there, and moves the head once.
CREATE FUNCTION audit_move_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit_chain WHERE tenant_id = new.tenant_id AND number > new.number) THEN
    UPDATE audit_heads SET number = new.number, hash = new.hash WHERE tenant_id = new.tenant_id;
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint

-- Entries from before the chain are sealed in the order of time, as of their own time.
DO $$
DECLARE
  entry audit_entries;
  head audit_heads;
BEGIN
  FOR entry IN SELECT * FROM audit_entries ORDER BY tenant_id, id LOOP
    IF head.tenant_id IS DISTINCT FROM entry.tenant_id THEN head := (entry.tenant_id, 0, ''); END IF;
    head.number := head.number + 1;
    head.hash := encode(sha256(convert_to(
      audit_line(entry, head.number, entry.at, head.hash), 'UTF8')), 'hex');
    INSERT INTO audit_chain VALUES (entry.tenant_id, head.number, entry.id, entry.at, head.hash);
    INSERT INTO audit_heads VALUES (head.*)
      ON CONFLICT (tenant_id) DO UPDATE SET number = excluded.number, hash = excluded.hash;
  END LOOP;
END $$;--> statement-breakpoint

CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT ON audit_entries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_seal();--> statement-breakpoint
CREATE CONSTRAINT TRIGGER audit_move_head AFTER INSERT ON audit_chain
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_move_head();--> statement-breakpoint

-- The log only grows, whoever asks: the owner too, and a bug of ours above all. Chain and head are the triggers' own.
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log only grows: % on % is refused', tg_op, tg_table_name USING ERRCODE = 'insufficient_privilege';
END $$;--> statement-breakpoint
CREATE TRIGGER audit_entries_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries EXECUTE FUNCTION audit_refuse();--> statement-breakpoint
CREATE TRIGGER audit_chain_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain EXECUTE FUNCTION audit_refuse();--> statement-breakpoint
CREATE TRIGGER audit_chain_own BEFORE INSERT ON audit_chain
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit_refuse();--> statement-breakpoint
CREATE TRIGGER audit_heads_grow BEFORE DELETE OR TRUNCATE ON audit_heads EXECUTE FUNCTION audit_refuse();--> statement-breakpoint
CREATE TRIGGER audit_heads_own BEFORE INSERT OR UPDATE ON audit_heads
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit_refuse();--> statement-breakpoint
ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_grow;--> statement-breakpoint
ALTER TABLE audit_chain ENABLE ALWAYS TRIGGER audit_chain_grow;--> statement-breakpoint
ALTER TABLE audit_heads ENABLE ALWAYS TRIGGER audit_heads_grow;--> statement-breakpoint
-- An owner who is no superuser is refused by privilege too.
REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries, audit_chain FROM CURRENT_USER;
