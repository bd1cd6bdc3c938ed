CREATE TYPE "public"."saml_binding" AS ENUM('redirect', 'post');--> statement-breakpoint
CREATE TYPE "public"."saml_direction" AS ENUM('sent', 'received');--> statement-breakpoint
CREATE TYPE "public"."saml_exchange_kind" AS ENUM('sign-in', 'test', 'sign-out');--> statement-breakpoint
CREATE TYPE "public"."saml_outcome" AS ENUM('done', 'waiting', 'refused');--> statement-breakpoint
CREATE TYPE "public"."saml_mode" AS ENUM('off', 'enabled', 'required');--> statement-breakpoint
ALTER TYPE "public"."session_end" ADD VALUE 'saml-required';--> statement-breakpoint
ALTER TYPE "public"."session_end" ADD VALUE 'saml-off';--> statement-breakpoint
ALTER TYPE "public"."session_end" ADD VALUE 'idp-sign-out';--> statement-breakpoint
CREATE TABLE "saml_arrivals" (
	"handle_hash" text PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"binding_hash" text NOT NULL,
	"exchange_id" uuid NOT NULL,
	"claims" jsonb NOT NULL,
	"unasked" boolean NOT NULL,
	"next" text,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "saml_connections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"metadata_xml" text NOT NULL,
	"idp_entity_id" text NOT NULL,
	"sso_url" text NOT NULL,
	"sso_binding" "saml_binding" NOT NULL,
	"slo_url" text,
	"certificates" text[] NOT NULL,
	"sign_requests" boolean NOT NULL,
	"strict" boolean DEFAULT true NOT NULL,
	"jit" boolean DEFAULT false NOT NULL,
	"idp_initiated" boolean DEFAULT false NOT NULL,
	"email_attribute" text,
	"first_name_attribute" text,
	"last_name_attribute" text,
	"group_attribute" text,
	"tested_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "saml_connections_tenant" UNIQUE("tenant_id")
);
--> statement-breakpoint
CREATE TABLE "saml_domains" (
	"domain" text PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"verified_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "saml_exchanges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"direction" "saml_direction" NOT NULL,
	"kind" "saml_exchange_kind" NOT NULL,
	"outcome" "saml_outcome" NOT NULL,
	"reason" text,
	"subject" text,
	"xml" text,
	"report" jsonb,
	CONSTRAINT "saml_exchanges_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "saml_group_roles" (
	"tenant_id" uuid NOT NULL,
	"group_name" text NOT NULL,
	"role" "user_role" NOT NULL,
	CONSTRAINT "saml_group_roles_tenant_id_group_name_pk" PRIMARY KEY("tenant_id","group_name")
);
--> statement-breakpoint
CREATE TABLE "saml_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"private_key_sealed" text NOT NULL,
	"certificate" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"retires_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "saml_links" (
	"tenant_id" uuid NOT NULL,
	"idp_entity_id" text NOT NULL,
	"name_id" text NOT NULL,
	"user_id" uuid NOT NULL,
	"groups" text[],
	"created_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "saml_links_tenant_id_idp_entity_id_name_id_pk" PRIMARY KEY("tenant_id","idp_entity_id","name_id"),
	CONSTRAINT "saml_links_user" UNIQUE("tenant_id","idp_entity_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "saml_sessions" (
	"session_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"idp_entity_id" text NOT NULL,
	"name_id" text NOT NULL,
	"session_index" text
);
--> statement-breakpoint
CREATE TABLE "saml_spent_ids" (
	"tenant_id" uuid NOT NULL,
	"id_hash" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "saml_spent_ids_tenant_id_id_hash_pk" PRIMARY KEY("tenant_id","id_hash")
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "not_after" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "saml" "saml_mode" DEFAULT 'off' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "break_glass" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "saml_arrivals" ADD CONSTRAINT "saml_arrivals_tenant_id_saml_connections_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."saml_connections"("tenant_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saml_arrivals" ADD CONSTRAINT "saml_arrivals_tenant_id_exchange_id_saml_exchanges_tenant_id_id_fk" FOREIGN KEY ("tenant_id","exchange_id") REFERENCES "public"."saml_exchanges"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saml_connections" ADD CONSTRAINT "saml_connections_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saml_domains" ADD CONSTRAINT "saml_domains_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saml_exchanges" ADD CONSTRAINT "saml_exchanges_tenant_id_saml_connections_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."saml_connections"("tenant_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saml_group_roles" ADD CONSTRAINT "saml_group_roles_tenant_id_saml_connections_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."saml_connections"("tenant_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saml_links" ADD CONSTRAINT "saml_links_tenant_id_saml_connections_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."saml_connections"("tenant_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saml_links" ADD CONSTRAINT "saml_links_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saml_sessions" ADD CONSTRAINT "saml_sessions_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saml_spent_ids" ADD CONSTRAINT "saml_spent_ids_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "saml_arrivals_over" ON "saml_arrivals" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "saml_domains_tenant" ON "saml_domains" USING btree ("tenant_id");--> statement-breakpoint
CREATE INDEX "saml_sessions_subject" ON "saml_sessions" USING btree ("tenant_id","idp_entity_id","name_id");--> statement-breakpoint
CREATE INDEX "saml_spent_ids_over" ON "saml_spent_ids" USING btree ("expires_at");