CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS btree_gin;--> statement-breakpoint
-- One index for each order of the list. The filter columns ride along, so that a filtered walk stays inside the index.
CREATE UNIQUE INDEX users_email_once ON users (tenant_id, email_key) INCLUDE (id, role, status, mfa_enabled, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_first_name ON users (tenant_id, first_key, id) INCLUDE (role, status, mfa_enabled, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_last_name ON users (tenant_id, last_key, id) INCLUDE (role, status, mfa_enabled, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_last_login ON users (tenant_id, login_key, id) INCLUDE (role, status, mfa_enabled, saml_enabled) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_role ON users (tenant_id, role, email_key, id) INCLUDE (status, mfa_enabled, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_status ON users (tenant_id, status, email_key, id) INCLUDE (role, mfa_enabled, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_mfa ON users (tenant_id, mfa_enabled, email_key, id) INCLUDE (role, status, saml_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_by_saml ON users (tenant_id, saml_enabled, email_key, id) INCLUDE (role, status, mfa_enabled, login_key) WHERE status <> 'removed';--> statement-breakpoint
-- Rare combinations of filters: a bounded set, fetched with its sort keys and sorted.
CREATE INDEX users_filtered ON users (tenant_id, role, status, saml_enabled, mfa_enabled) INCLUDE (id, email_key, first_key, last_key, login_key) WHERE status <> 'removed';--> statement-breakpoint
CREATE INDEX users_removed_list ON users (tenant_id, removed_at, id) WHERE status = 'removed';--> statement-breakpoint
-- Substrings of three letters or more, starts of words below that. The tenant stands first, so that a small tenant reads only its own.
CREATE INDEX users_search ON users USING gin (tenant_id, search gin_trgm_ops) WHERE status <> 'removed';--> statement-breakpoint
CREATE STATISTICS users_filters (mcv) ON role, status, mfa_enabled, saml_enabled FROM users;
