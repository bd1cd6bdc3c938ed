import { type Column, Column as ColumnClass, getTableName, is } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { readPage } from '@/app/administration/access/users/read-page';
import { parseView } from '@/app/administration/access/users/search-params';
import { speaksOf } from '@/db/statement-tenant';
import { TENANT_COLUMNS } from '@/db/tenant-tables';
import { acrossTenants } from '@/db/tenant-wall';
import type { UserActor } from '@/lib/actor';
import { findListedKey, listKeys } from '@/lib/api-keys/find';
import { findEntry } from '@/lib/audit/find-entry';
import { findHead } from '@/lib/audit/verify';
import { listFactors } from '@/lib/mfa/factors';
import { findConnection } from '@/lib/saml/connection';
import { listDomains } from '@/lib/saml/domains';
import { listExchanges as listSamlExchanges } from '@/lib/saml/recorder';
import { listGroupsWithSizes, provisioningOf } from '@/lib/scim/connection';
import { findPerson } from '@/lib/scim/find';
import { listExchanges } from '@/lib/scim/recorder';
import { listTokens } from '@/lib/scim/tokens';
import { listSessions } from '@/lib/sessions/find';
import { findTenant } from '@/lib/tenants/find';
import { findUser } from '@/lib/users/find';
import { countAdmins, countOtherAdmins } from '@/lib/users/last-admin';
import { walk } from '@/lib/users/walk';
import { actorOf, cast, reread } from '../support/cast';
import { ON_PEOPLE } from '../support/deeds';
import { actionsOn } from '../support/trail';

/**
 * The product with its first wall taken down: wherever it says `eq(….tenantId, …)` the condition is true of every row. What
 * then gets through would be another tenant's. With `forgetful.on` false the same calls do their work.
 */
const forgetful = vi.hoisted(() => ({ on: false }));

vi.mock('drizzle-orm', async (original) => {
  const real = await original<typeof import('drizzle-orm')>();
  const isTenants = (side: unknown): side is Column =>
    is(side, ColumnClass) && TENANT_COLUMNS.get(getTableName(side.table)) === side.name;
  const eq: typeof real.eq = (left: unknown, right: unknown) =>
    forgetful.on && isTenants(left) ? real.sql`true` : real.eq(left as never, right as never);
  return { ...real, eq };
});

// What is built once would keep its condition, or go on without it.
vi.mock('@/db/prepared', () => ({ prepared: <Q>(build: Q) => build }));

beforeEach(() => {
  forgetful.on = false;
});

type Whose = { actor: UserActor; userId: string };
const all = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
};
const BY_ADDRESS = { sort: 'email', dir: 'asc' } as const;

/** What reads a tenant: lists, look-ups by id, counts. */
const READS: Record<string, (whose: Whose) => PromiseLike<unknown>> = {
  'the Users page': ({ actor }) => readPage(actor.tenantId, parseView({}), new Date()),
  'the Users page, searched': ({ actor }) => readPage(actor.tenantId, parseView({ q: 'an' }), new Date()),
  'the export': ({ actor }) => all(walk(actor.tenantId, {}, BY_ADDRESS, new Date())),
  'a person': ({ actor, userId }) => findUser(actor.tenantId, userId),
  'their sessions': ({ actor, userId }) => listSessions(actor.tenantId, userId),
  'their factors': ({ actor, userId }) => listFactors({ tenantId: actor.tenantId, id: userId }),
  'who provisions them': async ({ actor, userId }) =>
    provisioningOf({ ...(await reread({ id: userId } as never)), tenantId: actor.tenantId }),
  'a person of SCIM': ({ actor, userId }) => findPerson(actor.tenantId, userId),
  'the tenant': ({ actor }) => findTenant(actor.tenantId),
  keys: ({ actor }) => listKeys(actor.tenantId),
  'a key': ({ actor, userId }) => findListedKey(actor.tenantId, userId),
  tokens: ({ actor }) => listTokens(actor.tenantId),
  'exchanges of SCIM': ({ actor }) => listExchanges(actor.tenantId),
  'groups of SCIM': ({ actor }) => listGroupsWithSizes(actor.tenantId),
  'the SAML connection': ({ actor }) => findConnection(actor.tenantId),
  'exchanges of SAML': ({ actor }) => listSamlExchanges(actor.tenantId),
  domains: ({ actor }) => listDomains(actor.tenantId),
  'an audit entry': ({ actor, userId }) => findEntry(actor.tenantId, userId),
  'the head of the audit log': ({ actor }) => findHead(actor.tenantId),
  'how many admins': ({ actor }) => countAdmins(actor.tenantId),
  'how many others': ({ actor, userId }) => countOtherAdmins(actor.tenantId, userId),
};

const refusalOf = (asked: PromiseLike<unknown>): Promise<string> =>
  Promise.resolve(asked).then(
    () => 'it was answered',
    (error: Error) => error.message,
  );

describe('where a condition is forgotten', () => {
  test.each(Object.entries(READS))('%s: nothing is read', async (_, read) => {
    const { acme, globex } = await cast();
    const whose = { actor: await actorOf(globex.mallory), userId: acme.sam.id };
    forgetful.on = true;
    expect(await refusalOf(read(whose))).toMatch(/^A statement is tied to no tenant/);
    forgetful.on = false;
    await read({ ...whose, userId: globex.otto.id });
  });

  test.each(Object.entries(ON_PEOPLE))('%s: nothing is done', async (_, deed) => {
    const { acme, globex } = await cast();
    const mallory = await actorOf(globex.mallory);
    const { sessionId } = await actorOf(acme.sam);
    const before = { row: await reread(acme.sam), trail: await actionsOn(acme.sam) };
    forgetful.on = true;
    expect(await refusalOf(deed(mallory, acme.sam.id, sessionId))).toMatch(/^A statement is tied to no tenant/);
    forgetful.on = false;
    expect({ row: await reread(acme.sam), trail: await actionsOn(acme.sam) }).toEqual(before);
  });

  test('with the second wall open too, they do reach another tenant', async () => {
    const { acme, globex } = await cast();
    const mallory = await actorOf(globex.mallory);
    forgetful.on = true;
    const seen = await acrossTenants(() => findUser(globex.tenant.id, acme.sam.id));
    await acrossTenants(() => ON_PEOPLE.deactivate?.(mallory, acme.sam.id, '') as Promise<unknown>);
    forgetful.on = false;
    expect(seen).toMatchObject({ id: acme.sam.id });
    expect(await reread(acme.sam)).toMatchObject({ status: 'deactivated' });
  });
});

test('every statement of the product is refused once its conditions are gone, one by one', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  for (const read of Object.values(READS)) await read({ actor: ada, userId: acme.sam.id });
  for (const deed of Object.values(ON_PEOPLE)) await deed(ada, acme.ivy.id, ada.sessionId);
  const { rollcallSpeaks = new Map<string, unknown>() } = globalThis as { rollcallSpeaks?: Map<string, unknown> };
  const tied = [...rollcallSpeaks].filter(([, speaks]) => typeof speaks === 'object').map(([text]) => text);
  expect(tied.length).toBeGreaterThan(60);
  // Drizzle writes each condition as `"table"."tenant_id" = …`, with a parameter or another column at its right.
  const condition = /"(\w+)"\."(?:tenant_id|id)" = (?:\$\d+(?:::uuid)?|"\w+"\."(?:tenant_id|id)")/g;
  for (const text of tied) {
    if (/^\s*insert/.test(text)) continue;
    const gone = text.replace(condition, (each, table: string) => {
      const column = TENANT_COLUMNS.get(table);
      return column && each.startsWith(`"${table}"."${column}"`) ? 'true' : each;
    });
    expect(speaksOf(gone), gone).toHaveProperty('untied');
  }
});
