DROP INDEX "sessions_live";--> statement-breakpoint
CREATE INDEX "invitations_of" ON "invitations" USING btree ("tenant_id","user_id","id");--> statement-breakpoint
CREATE INDEX "saml_links_of" ON "saml_links" USING btree ("tenant_id","user_id");--> statement-breakpoint
CREATE INDEX "sessions_of" ON "sessions" USING btree ("tenant_id","user_id","ended_at");