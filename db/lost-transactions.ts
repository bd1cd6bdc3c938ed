import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql, TransactionSql } from 'postgres';

/**
 * After a connection is lost, the driver rejects the caller but the callback keeps running with a handle that may now belong
 * to another transaction. Its next statement or rollback would land there, or block everything queued behind it. So we make
 * that handle fail.
 */
export function silenceLost(client: Sql): void {
  const { begin } = client;
  const guarded = (options: string, deed: (tx: TransactionSql) => unknown) => {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    const running = begin(options, async (tx) => {
      try {
        const result = await deed(speakingWhile(() => !isOver, tx));
        if (isOver) await FOR_EVER;
        return result;
      } catch (error) {
        if (isLast(error)) for (let waited = 0; !isOver && waited < LAST_MS; waited += TURN_MS) await sleep(TURN_MS);
        if (isOver) await FOR_EVER;
        throw error;
      }
    });
    running.then(over, over);
    return running;
  };
  client.begin = ((...given: [string, never] | [never]) =>
    given.length === 2 ? guarded(...given) : guarded('', ...given)) as typeof begin;
}

/** Nothing waits for it: the caller has already got the error. */
const FOR_EVER = new Promise<never>(() => {});

const TURN_MS = 5;
const LAST_MS = 1_000;
/** The driver is about to report the lost connection: even a rollback would come too late. */
const isLast = (error: unknown): boolean => {
  const { severity, code, cause } = (error ?? {}) as { severity?: string; code?: string; cause?: unknown };
  return severity === 'FATAL' || LAST.test(code ?? '') || (cause !== undefined && isLast(cause));
};
const LAST = /^(?:CONNECTION_|ECONN|EPIPE|ETIMEDOUT)/;

function speakingWhile(isThere: () => boolean, tx: TransactionSql): TransactionSql {
  const check = () => {
    if (!isThere()) throw new Error('The connection of this transaction is gone.');
  };
  return new Proxy(tx, {
    apply(target, _, given) {
      check();
      return Reflect.apply(target, undefined, given);
    },
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== 'unsafe' && name !== 'savepoint') return value;
      return (...given: unknown[]) => {
        check();
        return Reflect.apply(value as never, target, given);
      };
    },
  });
}
