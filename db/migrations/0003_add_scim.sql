CREATE TABLE "scim_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"token_hash" text NOT NULL,
	"hint" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "scim_tokens_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "scim_connections" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"paused_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "scim_departures" (
	"tenant_id" uuid NOT NULL,
	"name_hash" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "scim_departures_tenant_id_name_hash_pk" PRIMARY KEY("tenant_id","name_hash")
);
--> statement-breakpoint
CREATE TABLE "scim_emails" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"position" smallint NOT NULL,
	"value" text,
	"type" text,
	"display" text,
	"is_primary" boolean,
	"value_key" text collate "C" GENERATED ALWAYS AS (lower("scim_emails"."value")) STORED,
	CONSTRAINT "scim_emails_tenant_id_user_id_position_pk" PRIMARY KEY("tenant_id","user_id","position")
);
--> statement-breakpoint
CREATE TABLE "scim_errors" (
	"tenant_id" uuid NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "scim_errors_tenant_id_hour_pk" PRIMARY KEY("tenant_id","hour")
);
--> statement-breakpoint
CREATE TABLE "scim_exchanges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"token_id" uuid NOT NULL,
	"token_name" text NOT NULL,
	"method" text NOT NULL,
	"path" text NOT NULL,
	"status" smallint NOT NULL,
	"took_ms" integer NOT NULL,
	"meaning" text NOT NULL,
	"target_id" uuid,
	"target_label" text,
	"request" jsonb,
	"response" jsonb
);
--> statement-breakpoint
CREATE TABLE "scim_group_members" (
	"tenant_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"exchange_id" uuid NOT NULL,
	CONSTRAINT "scim_group_members_tenant_id_group_id_user_id_pk" PRIMARY KEY("tenant_id","group_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "scim_groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"display_name" text NOT NULL,
	"external_id" text,
	"role" "user_role",
	"token_id" uuid,
	"created_at" timestamp with time zone NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	"display_key" text collate "C" GENERATED ALWAYS AS (lower("scim_groups"."display_name")) STORED NOT NULL,
	CONSTRAINT "scim_groups_tenant_id" UNIQUE("tenant_id","id"),
	CONSTRAINT "scim_groups_name_once" UNIQUE("tenant_id","display_key")
);
--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "scim_user_name" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "scim_token_id" uuid;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "scim_attributes" jsonb;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "scim_deprovisioned_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "revision" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "changed_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "scim_key" text collate "C" GENERATED ALWAYS AS (lower("users"."scim_user_name")) STORED;--> statement-breakpoint
ALTER TABLE "scim_tokens" ADD CONSTRAINT "scim_tokens_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scim_connections" ADD CONSTRAINT "scim_connections_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scim_departures" ADD CONSTRAINT "scim_departures_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scim_emails" ADD CONSTRAINT "scim_emails_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scim_errors" ADD CONSTRAINT "scim_errors_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scim_exchanges" ADD CONSTRAINT "scim_exchanges_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scim_group_members" ADD CONSTRAINT "scim_group_members_tenant_id_group_id_scim_groups_tenant_id_id_fk" FOREIGN KEY ("tenant_id","group_id") REFERENCES "public"."scim_groups"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scim_group_members" ADD CONSTRAINT "scim_group_members_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scim_groups" ADD CONSTRAINT "scim_groups_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scim_groups" ADD CONSTRAINT "scim_groups_tenant_id_token_id_scim_tokens_tenant_id_id_fk" FOREIGN KEY ("tenant_id","token_id") REFERENCES "public"."scim_tokens"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "scim_tokens_hash" ON "scim_tokens" USING btree ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "scim_tokens_name" ON "scim_tokens" USING btree ("tenant_id",lower("name")) WHERE revoked_at is null;--> statement-breakpoint
CREATE INDEX "scim_tokens_list" ON "scim_tokens" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "scim_emails_value" ON "scim_emails" USING btree ("tenant_id","value_key");--> statement-breakpoint
CREATE INDEX "scim_exchanges_by_time" ON "scim_exchanges" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "scim_members_of" ON "scim_group_members" USING btree ("tenant_id","user_id");--> statement-breakpoint
CREATE INDEX "scim_groups_external" ON "scim_groups" USING btree ("tenant_id","external_id");--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_tenant_id_scim_token_id_scim_tokens_tenant_id_id_fk" FOREIGN KEY ("tenant_id","scim_token_id") REFERENCES "public"."scim_tokens"("tenant_id","id") ON DELETE no action ON UPDATE no action;