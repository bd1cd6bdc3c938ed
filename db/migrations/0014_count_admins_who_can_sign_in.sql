-- An admin counts who is able to sign in: by a password, unless the tenant requires SAML and they are no break-glass admin,
-- or by SAML where that is on. lib/users/last-admin.ts says the same; the two change together.
CREATE FUNCTION can_administer(u users, mode saml_mode) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT u.role = 'tenant_admin' AND u.status = 'active'
    AND ((u.password_hash IS NOT NULL AND (mode <> 'required' OR u.break_glass)) OR (u.saml_enabled AND mode <> 'off'))
$$;--> statement-breakpoint
DROP TRIGGER users_keep_an_admin_on_update ON users;--> statement-breakpoint
DROP TRIGGER users_keep_an_admin_on_delete ON users;--> statement-breakpoint
CREATE OR REPLACE FUNCTION keep_an_admin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tenant uuid;
  mode saml_mode;
  had_one boolean;
BEGIN
  IF TG_TABLE_NAME = 'tenants' THEN tenant := old.id; ELSE tenant := old.tenant_id; END IF;
  SELECT saml INTO mode FROM tenants WHERE id = tenant FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF TG_TABLE_NAME = 'tenants' THEN
    had_one := EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = tenant AND u.role = 'tenant_admin' AND can_administer(u, old.saml));
  ELSE
    had_one := can_administer(old, mode);
  END IF;
  IF had_one AND NOT EXISTS (
    SELECT 1 FROM users u WHERE u.tenant_id = tenant AND u.role = 'tenant_admin' AND can_administer(u, mode)
  ) THEN
    RAISE EXCEPTION 'tenant % would have no Tenant Admin who can sign in', tenant
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'users_keep_an_admin';
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER users_keep_an_admin_on_update
  AFTER UPDATE OF role, status, password_hash, saml_enabled, break_glass ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (old.role = 'tenant_admin' AND old.status = 'active'
    AND (new.role <> 'tenant_admin' OR new.status <> 'active'
      OR (old.password_hash IS NOT NULL AND new.password_hash IS NULL)
      OR (old.saml_enabled AND NOT new.saml_enabled) OR (old.break_glass AND NOT new.break_glass)))
  EXECUTE FUNCTION keep_an_admin();--> statement-breakpoint
CREATE CONSTRAINT TRIGGER users_keep_an_admin_on_delete
  AFTER DELETE ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (old.role = 'tenant_admin' AND old.status = 'active')
  EXECUTE FUNCTION keep_an_admin();--> statement-breakpoint
CREATE CONSTRAINT TRIGGER tenants_keep_an_admin
  AFTER UPDATE OF saml ON tenants DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (old.saml IS DISTINCT FROM new.saml)
  EXECUTE FUNCTION keep_an_admin();
