import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from 'drizzle-orm';
import { type Speaks, shapeOf, speaksOf } from './statement-tenant';

/**
 * The second wall between tenants. The first is the condition in each statement. This one checks every statement before it is
 * sent to Postgres. It refuses one that uses a tenant table without being tied to one tenant, or that is tied to another
 * tenant than its transaction or request. A query across tenants (a session by its token) must use `acrossTenants`.
 * A statement is recognised by its text, which is parsed once: docs/decisions/0026-a-second-wall-between-tenants.md.
 */
type Ground = { tenantId: string | null; firstDecides: boolean } | 'across';

// The proxy, the pages and the actions are bundled separately, and each has its own copy of this module.
const shared = globalThis as typeof globalThis & {
  rollcallGround?: AsyncLocalStorage<Ground | undefined>;
  rollcallSpeaks?: Map<string, Speaks>;
};
shared.rollcallGround ??= new AsyncLocalStorage();
shared.rollcallSpeaks ??= new Map();
const ground = shared.rollcallGround;
const known = shared.rollcallSpeaks;
const MOST_KNOWN = 5000;

/** Turns the wall off for the queries inside. Its few callers are listed in `tests/house/across-tenants.test.ts`. */
export const acrossTenants = <T>(ask: () => PromiseLike<T>): Promise<T> =>
  ground.run('across', async () => await ask());

/** Everything inside is for one tenant: that of the surrounding request or transaction, otherwise that of the first statement. */
export const ofOneTenant = <T>(deed: () => Promise<T>): Promise<T> => {
  const around = ground.getStore();
  return around === 'across' ? deed() : ground.run({ tenantId: around?.tenantId ?? null, firstDecides: true }, deed);
};

/** Opens a request whose tenant is not known yet. */
export const inRequest = <T>(answer: () => T): T => ground.run({ tenantId: null, firstDecides: false }, answer);

/** For background work, which belongs to no request. */
export const apart = <T>(work: () => T): T => ground.run(undefined, work);

/** Sets the tenant of the request. From here on, statements for another tenant are refused. */
export function speakFor(tenantId: string): void {
  const here = ground.getStore();
  if (here && here !== 'across') here.tenantId = tenantId;
}

/** Drizzle calls this before it sends a statement. An error thrown here reaches the statement's caller. */
export const tenantWall: Logger = {
  logQuery(text, params) {
    const here = ground.getStore();
    if (here === 'across') return;
    const { speaks, more } = readOnce(text);
    if (speaks === 'of none') return;
    if ('untied' in speaks)
      throw new Error(`A statement is tied to no tenant in “${speaks.untied}” (${text}). Add its condition.`);
    const [tenantId, ...others] = new Set([
      ...[...speaks.params, ...more].map((n) => params[n - 1]),
      ...speaks.literals,
    ]);
    if (typeof tenantId !== 'string' || others.length > 0)
      throw new Error(`A statement speaks of several tenants, or of none (${text}).`);
    if (!here) return;
    if (here.firstDecides) here.tenantId ??= tenantId;
    if (here.tenantId !== null && here.tenantId !== tenantId)
      throw new Error(`A statement speaks of another tenant than the deed it belongs to (${text}).`);
  },
};

const NO_MORE: number[] = [];
const LONG = 4_000;

/** `more` are further parameters that hold the tenant's id, from the statement's other rows. */
function readOnce(text: string): { speaks: Speaks; more: number[] } {
  const same = known.get(text);
  if (same) return { speaks: same, more: NO_MORE };
  const { shape, params: more } = shapeOf(text);
  const speaks = known.get(shape) ?? speaksOf(shape);
  keep(shape, speaks);
  if (more.length === 0 && text.length < LONG) keep(text, speaks);
  return { speaks, more };
}

/** Evicts the oldest text. Texts vary with filters and lengths of lists, so there are many, but they recur. */
function keep(text: string, speaks: Speaks): void {
  if (!known.has(text) && known.size >= MOST_KNOWN) known.delete(known.keys().next().value as string);
  known.set(text, speaks);
}
