import { DrizzleQueryError } from 'drizzle-orm/errors';
import { PgPreparedQuery } from 'drizzle-orm/pg-core';

/**
 * The error of a failed statement has the parameters in its message, and Postgres adds the row that it refused: sealed links,
 * hashes, addresses. Errors reach the log in many ways, also through the framework, so these parts are removed where the error
 * is made. Statement, SQLSTATE and the server's message stay.
 */
type Runs = { queryWithCache(text: string, params: unknown[], query: () => Promise<unknown>): Promise<unknown> };

export function hideParams(): void {
  const prototype = PgPreparedQuery.prototype as unknown as Runs & { hidesParams?: true };
  if (prototype.hidesParams) return;
  prototype.hidesParams = true;
  const { queryWithCache } = prototype;
  prototype.queryWithCache = async function (this: Runs, ...given) {
    try {
      return await queryWithCache.apply(this, given);
    } catch (error) {
      if (error instanceof DrizzleQueryError) hide(error);
      throw error;
    }
  };
}

/** Wraps an error of the driver as Drizzle would, without the parameters. */
export function hidden(text: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const error = new DrizzleQueryError(text, [], cause);
  hide(error);
  return error;
}

const TOLD = ['name', 'code', 'severity', 'schema_name', 'table_name', 'column_name', 'constraint_name', 'routine'];

function hide(error: DrizzleQueryError): void {
  const { message, stack, cause } = error;
  error.message = `${cause?.message ?? 'Failed'} (${error.query})`;
  error.stack = stack?.replace(message, () => error.message);
  error.params = [];
  // The driver's error also holds the parameters, in read-only properties. A new error replaces it.
  const told = Object.entries(cause ?? {}).filter(([name]) => TOLD.includes(name));
  error.cause = cause && Object.assign(new Error(cause.message), Object.fromEntries(told));
}
