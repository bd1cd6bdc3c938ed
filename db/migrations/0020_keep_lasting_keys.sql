CREATE TABLE "lasting_keys" (
	"name" text PRIMARY KEY NOT NULL,
	"key_sealed" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "saml_keys" ADD COLUMN "signs_since" timestamp with time zone;--> statement-breakpoint
UPDATE "saml_keys" SET "signs_since" = "created_at";
