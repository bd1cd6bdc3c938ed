/**
 * For what takes as long as the data is large (an index, a backup): no limit that the role has for requests, and one
 * connection from beginning to end, since what a session holds is lost with it.
 */
export const UNHURRIED = {
  max: 1,
  max_lifetime: null,
  connection: { statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 },
} as const;
