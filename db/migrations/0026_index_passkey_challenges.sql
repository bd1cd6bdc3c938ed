-- outside a transaction
DROP INDEX CONCURRENTLY IF EXISTS passkey_challenges_session;--> statement-breakpoint
CREATE INDEX CONCURRENTLY passkey_challenges_session ON passkey_challenges (session_id) WHERE session_id is not null;
