/**
 * For work that takes longer with more data (an index, a backup). It has none of the role's time limits for requests, and one
 * connection throughout, because what a session holds is lost with its connection.
 */
export const UNHURRIED = {
  max: 1,
  max_lifetime: null,
  connection: { statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 },
} as const;
