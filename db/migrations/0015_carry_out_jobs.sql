CREATE TYPE "public"."job_deed" AS ENUM('invite', 'make-admin', 'make-standard', 'deactivate', 'reactivate', 'sign-out', 'ask-second-factor', 'resend-invitation', 'remove', 'restore');--> statement-breakpoint
CREATE TYPE "public"."job_status" AS ENUM('draft', 'open', 'finished', 'stopped');--> statement-breakpoint
CREATE TYPE "public"."job_stop" AS ENUM('asked', 'actor', 'fault');--> statement-breakpoint
CREATE TABLE "job_rows" (
	"tenant_id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"user_id" uuid,
	"email" text NOT NULL,
	"given" jsonb,
	"verdict" text,
	"chosen" boolean NOT NULL,
	"outcome" text,
	CONSTRAINT "job_rows_tenant_id_job_id_number_pk" PRIMARY KEY("tenant_id","job_id","number")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"deed" "job_deed" NOT NULL,
	"status" "job_status" NOT NULL,
	"user_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"ip" text,
	"user_agent" text,
	"newcomer_role" text,
	"total" integer NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"refused" integer DEFAULT 0 NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	"careful_until" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"turn_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"begun_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"stopped" "job_stop",
	CONSTRAINT "jobs_tenant_id" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "job_rows" ADD CONSTRAINT "job_rows_tenant_id_job_id_jobs_tenant_id_id_fk" FOREIGN KEY ("tenant_id","job_id") REFERENCES "public"."jobs"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "job_rows_outcome" ON "job_rows" USING btree ("tenant_id","job_id","outcome","number");--> statement-breakpoint
CREATE INDEX "jobs_turn" ON "jobs" USING btree ("turn_at") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "jobs_creator" ON "jobs" USING btree ("tenant_id","user_id");--> statement-breakpoint
CREATE INDEX "jobs_old" ON "jobs" USING btree ("created_at");