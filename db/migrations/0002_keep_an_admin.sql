-- The last wall behind lib/users/last-admin.ts: a transaction that would leave a tenant without a Tenant Admin who can
-- sign in does not commit, whichever path it came by. The lock on the tenant makes concurrent ones wait for each other.
CREATE FUNCTION keep_an_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM tenants WHERE id = old.tenant_id FOR NO KEY UPDATE;
  IF FOUND AND NOT EXISTS (
    SELECT 1 FROM users
    WHERE tenant_id = old.tenant_id AND role = 'tenant_admin' AND status = 'active' AND password_hash IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'tenant % would have no Tenant Admin who can sign in', old.tenant_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'users_keep_an_admin';
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER users_keep_an_admin_on_update
  AFTER UPDATE OF role, status, password_hash ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (old.role = 'tenant_admin' AND old.status = 'active' AND old.password_hash IS NOT NULL
    AND (new.role <> 'tenant_admin' OR new.status <> 'active' OR new.password_hash IS NULL))
  EXECUTE FUNCTION keep_an_admin();--> statement-breakpoint
CREATE CONSTRAINT TRIGGER users_keep_an_admin_on_delete
  AFTER DELETE ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (old.role = 'tenant_admin' AND old.status = 'active' AND old.password_hash IS NOT NULL)
  EXECUTE FUNCTION keep_an_admin();
