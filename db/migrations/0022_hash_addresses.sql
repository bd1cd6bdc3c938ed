-- outside a transaction
-- A hash, so that no list of one tenant is read in the order of addresses through everybody's.
DROP INDEX CONCURRENTLY IF EXISTS users_of_address;--> statement-breakpoint
CREATE INDEX CONCURRENTLY users_of_address ON users USING hash (email_key) WHERE status <> 'removed';--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS users_by_address;
