-- outside a transaction
-- The admins of a tenant by how they can sign in, for lib/users/ways-in.ts: it reads the first few of each.
DROP INDEX CONCURRENTLY IF EXISTS users_with_password;--> statement-breakpoint
CREATE INDEX CONCURRENTLY users_with_password ON users (tenant_id, break_glass) INCLUDE (id)
  WHERE role = 'tenant_admin' AND status = 'active' AND password_hash IS NOT NULL;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS users_with_saml;--> statement-breakpoint
CREATE INDEX CONCURRENTLY users_with_saml ON users (tenant_id) INCLUDE (id)
  WHERE role = 'tenant_admin' AND status = 'active' AND saml_enabled;
