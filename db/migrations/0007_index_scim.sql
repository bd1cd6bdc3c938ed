-- What SCIM shows is whoever has a name of the identity provider's and was not removed: each index leaves the others out.
CREATE UNIQUE INDEX users_scim_name_once ON users (tenant_id, scim_key) WHERE scim_user_name IS NOT NULL AND status <> 'removed';--> statement-breakpoint
CREATE INDEX users_scim_by_id ON users (tenant_id, id) INCLUDE (status) WHERE scim_user_name IS NOT NULL AND status <> 'removed';--> statement-breakpoint
CREATE INDEX users_scim_by_external ON users (tenant_id, scim_external_id) WHERE scim_user_name IS NOT NULL AND status <> 'removed';--> statement-breakpoint
CREATE INDEX users_scim_by_display ON users (tenant_id, lower(scim_attributes ->> 'displayName')) WHERE scim_user_name IS NOT NULL AND status <> 'removed';--> statement-breakpoint
CREATE INDEX users_scim_by_created ON users (tenant_id, created_at, id) WHERE scim_user_name IS NOT NULL AND status <> 'removed';--> statement-breakpoint
CREATE INDEX users_scim_by_change ON users (tenant_id, changed_at, id) WHERE scim_user_name IS NOT NULL AND status <> 'removed';--> statement-breakpoint
-- For `co` and `ew`. Ordinary names are found by the others.
CREATE INDEX users_scim_search ON users USING gin (tenant_id, scim_key gin_trgm_ops) WHERE scim_user_name IS NOT NULL AND status <> 'removed';--> statement-breakpoint
-- Whoever changes what SCIM shows of a person (a page, the shell, a person themself) moves its version.
CREATE FUNCTION touch_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  new.revision := old.revision + 1;
  new.changed_at := clock_timestamp();
  RETURN new;
END $$;--> statement-breakpoint
CREATE TRIGGER users_touch
  BEFORE UPDATE OF email, first_name, last_name, status, scim_user_name, scim_external_id, scim_attributes ON users
  FOR EACH ROW EXECUTE FUNCTION touch_user();--> statement-breakpoint
-- A removed person is no member that SCIM shows, so the groups' versions move too.
CREATE FUNCTION touch_groups_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE scim_groups g SET revision = revision + 1, changed_at = clock_timestamp()
  FROM scim_group_members m
  WHERE m.tenant_id = new.tenant_id AND m.user_id = new.id AND g.tenant_id = m.tenant_id AND g.id = m.group_id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER users_touch_groups
  AFTER UPDATE OF status ON users FOR EACH ROW
  WHEN ((old.status = 'removed') <> (new.status = 'removed') AND new.scim_user_name IS NOT NULL)
  EXECUTE FUNCTION touch_groups_of_user();
