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
