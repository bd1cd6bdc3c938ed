/** Whether this is Postgres refusing a duplicate (SQLSTATE 23505) under the named index; Drizzle wraps it as `cause`. */
export function violates(error: unknown, index: string): boolean {
  const { code, constraint_name, cause } = error as { code?: string; constraint_name?: string; cause?: unknown };
  if (code === '23505') return constraint_name === index;
  return cause !== undefined && violates(cause, index);
}

/** Whether Postgres could not read a value (SQLSTATE class 22), such as one in a forged cursor. */
export function isUnreadable(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: unknown };
  return code?.startsWith('22') || (cause !== undefined && isUnreadable(cause));
}

const hasCode = (error: unknown, codes: readonly string[]): boolean => {
  const { code, cause } = (error ?? {}) as { code?: string; cause?: unknown };
  return (code !== undefined && codes.includes(code)) || (cause !== undefined && hasCode(cause, codes));
};

/** deadlock_detected: it and another transaction waited for each other, and Postgres rolled it back. */
export const isDeadlock = (error: unknown): boolean => hasCode(error, ['40P01']);

/** Also lock_not_available and query_canceled: others were in the way, and a later retry may succeed. */
export const wasInTheWay = (error: unknown): boolean => hasCode(error, ['40P01', '55P03', '57014']);
