-- The number moves with every commit after which the list of people may look otherwise, whoever writes. Deferred, so that the
-- tenant's head is held for the commit alone, as the audit log's own triggers hold it; and once in a transaction, however many
-- rows it touches. Whoever reads the number first and the rows after it has no rows older than the number.
CREATE FUNCTION note_list_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tenant uuid;
BEGIN
  IF TG_TABLE_NAME = 'tenants' THEN tenant := new.id;
  ELSIF TG_OP = 'DELETE' THEN tenant := old.tenant_id;
  ELSE tenant := new.tenant_id;
  END IF;
  IF current_setting('rollcall.list_changed', true) IS DISTINCT FROM tenant::text THEN
    INSERT INTO audit_heads AS head (tenant_id, number, hash, list_changes) VALUES (tenant, 0, '', 1)
      ON CONFLICT (tenant_id) DO UPDATE SET list_changes = head.list_changes + 1;
    PERFORM set_config('rollcall.list_changed', tenant::text, true);
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER users_note_list_change AFTER INSERT OR UPDATE OR DELETE ON users
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_list_change();--> statement-breakpoint
CREATE CONSTRAINT TRIGGER invitations_note_list_change AFTER INSERT OR UPDATE OR DELETE ON invitations
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_list_change();--> statement-breakpoint
CREATE CONSTRAINT TRIGGER tenants_note_list_change AFTER UPDATE ON tenants
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_list_change();
