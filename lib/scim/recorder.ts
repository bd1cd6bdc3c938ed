import { and, desc, eq, gt, sql, sum } from 'drizzle-orm';
import { db } from '@/db/client';
import { type ScimExchange, scimErrors, scimExchanges } from '@/db/schema/scim';
import { isObject, UNSTORABLE } from './value';

/**
 * The flight recorder: the requests of an identity provider, their responses and what they mean. The last 200 of a tenant
 * are shown; some older ones may not be deleted yet. Written after the command, also for refused requests. Bodies are
 * redacted first: secrets always, and personal data that does not help to tell people apart.
 */
export const KEPT_EXCHANGES = 200;
const MOST_BODY = 8_000;
const MOST_LIST = 20;

const SECRET = /password|secret|token|authorization/i;
/** Personal data that does not help to find out what went wrong. */
const PRIVATE = /^(phoneNumbers|addresses|photos|ims|x509Certificates|entitlements)$/i;

export function redacted(value: unknown, depth = 0): unknown {
  if (depth > 8) return '…';
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_LIST).map((each) => redacted(each, depth + 1));
    return value.length > MOST_LIST ? [...shown, `… ${value.length - MOST_LIST} more`] : shown;
  }
  if (typeof value === 'string') return storable(value.length > 500 ? `${value.slice(0, 500)}…` : value);
  if (!isObject(value)) return value;
  const path = typeof value.path === 'string' ? value.path : '';
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      // A PATCH names the attribute in `path`, beside `value`.
      const said = name === 'value' && path ? (path.replace(/^urn:.*:(?=[^:]*$)/i, '').split(/[.[]/)[0] ?? '') : name;
      if (SECRET.test(said)) return [storable(name), '[secret]'];
      return [storable(name), PRIVATE.test(said) ? '[not kept]' : redacted(each, depth + 1)];
    }),
  );
}

const storable = (text: string) => text.replace(new RegExp(UNSTORABLE, 'gu'), '�');

/** The redacted body, cut to `MOST_BODY` characters. */
function kept(body: unknown): unknown {
  if (body === undefined || body === null) return null;
  const short = redacted(body);
  const text = JSON.stringify(short);
  return text.length > MOST_BODY ? { cut: storable(`${text.slice(0, MOST_BODY)}…`) } : short;
}

type Exchanged = Omit<ScimExchange, 'request' | 'response'> & { request: unknown; response: unknown };

/** One in this many inserts deletes old rows: finding them costs as much as an insert. */
const DROPS_ONE_IN = 20;

export async function recordExchange(exchange: Exchanged): Promise<void> {
  await db
    .insert(scimExchanges)
    .values({
      ...exchange,
      path: storable(exchange.path.slice(0, 2_000)),
      meaning: storable(exchange.meaning),
      request: kept(exchange.request),
      response: kept(exchange.response),
    })
    .prepare('record_exchange')
    .execute();
  if (Math.random() < 1 / DROPS_ONE_IN) await dropOld(exchange.tenantId);
  if (exchange.status >= 400) {
    await db.execute(sql`
      insert into ${scimErrors} (tenant_id, hour, count)
      values (${exchange.tenantId}, date_trunc('hour', ${exchange.at.toISOString()}::timestamptz), 1)
      on conflict (tenant_id, hour) do update set count = ${scimErrors.count} + 1`);
  }
}

/** Skips rows that another process is deleting, so that two never wait for each other. */
async function dropOld(tenantId: string): Promise<void> {
  await db.execute(sql`
    delete from ${scimExchanges} where ${scimExchanges.tenantId} = ${tenantId} and ${scimExchanges.id} in (
      select id from ${scimExchanges} where tenant_id = ${tenantId} order by id desc offset ${KEPT_EXCHANGES}
      for update skip locked)`);
}

/** Without the bodies, which are read for a single exchange only. */
export const listExchanges = (tenantId: string) =>
  db
    .select({
      id: scimExchanges.id,
      at: scimExchanges.at,
      tokenName: scimExchanges.tokenName,
      method: scimExchanges.method,
      path: scimExchanges.path,
      status: scimExchanges.status,
      meaning: scimExchanges.meaning,
    })
    .from(scimExchanges)
    .where(eq(scimExchanges.tenantId, tenantId))
    .orderBy(desc(scimExchanges.id))
    .limit(KEPT_EXCHANGES);

export async function findExchange(tenantId: string, id: string): Promise<ScimExchange | null> {
  const [found] = await db
    .select()
    .from(scimExchanges)
    .where(and(eq(scimExchanges.tenantId, tenantId), eq(scimExchanges.id, id)));
  return found ?? null;
}

/** Exchanges of the last 24 hours with status 400 or above, counted by the full hour. */
export async function errorsOfDay(tenantId: string, now: Date): Promise<number> {
  const since = new Date(now.getTime() - 86_400_000);
  const [row] = await db
    .select({ n: sum(scimErrors.count) })
    .from(scimErrors)
    .where(and(eq(scimErrors.tenantId, tenantId), gt(scimErrors.hour, since)));
  return Number(row?.n ?? 0);
}
