DROP INDEX "job_rows_outcome";--> statement-breakpoint
CREATE INDEX "job_rows_not_done" ON "job_rows" USING btree ("tenant_id","job_id","number") WHERE outcome <> 'done';