-- outside a transaction
DROP INDEX CONCURRENTLY IF EXISTS mails_due_first;--> statement-breakpoint
CREATE INDEX CONCURRENTLY mails_due_first ON mails (next_attempt_at) WHERE status in ('queued', 'deferred') and kind <> 'invitation';
