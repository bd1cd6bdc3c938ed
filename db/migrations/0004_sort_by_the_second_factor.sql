UPDATE tenants SET mfa_required_since = now() WHERE mfa_required;--> statement-breakpoint
-- The indexes of the list carry the state of the second factor, "not applicable" included, instead of a yes or no.
DROP INDEX users_email_once, users_by_first_name, users_by_last_name, users_by_last_login, users_by_role, users_by_status, users_by_mfa, users_by_saml, users_filtered;--> statement-breakpoint
DROP STATISTICS users_filters;--> statement-breakpoint
CREATE UNIQUE INDEX users_email_once ON users (tenant_id, email_key) INCLUDE (id, role, status, mfa, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_first_name ON users (tenant_id, first_key, id) INCLUDE (role, status, mfa, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_last_name ON users (tenant_id, last_key, id) INCLUDE (role, status, mfa, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_last_login ON users (tenant_id, login_key, id) INCLUDE (role, status, mfa, saml_enabled) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_role ON users (tenant_id, role, email_key, id) INCLUDE (status, mfa, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_status ON users (tenant_id, status, email_key, id) INCLUDE (role, mfa, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_mfa ON users (tenant_id, mfa, email_key, id) INCLUDE (role, status, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_saml ON users (tenant_id, saml_enabled, email_key, id) INCLUDE (role, status, mfa, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_filtered ON users (tenant_id, role, status, saml_enabled, mfa) INCLUDE (id, email_key, first_key, last_key, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE STATISTICS users_filters (mcv) ON role, status, mfa, saml_enabled FROM users;
