import type { Sql } from 'postgres';
import { readPage as readLog } from '@/app/administration/access/audit-log/log';
import { filtersOf, parseView as parseLogView } from '@/app/administration/access/audit-log/search-params';
import { readInvitation, readMails } from '@/app/administration/access/users/[userId]/read-person';
import { readPage } from '@/app/administration/access/users/read-page';
import { parseView } from '@/app/administration/access/users/search-params';
import { listKeys } from '@/lib/api-keys/find';
import { readEntries } from '@/lib/audit/list';
import { readReasons } from '@/lib/audit/why';
import { escapeHtml } from '@/lib/escape-html';
import { provisioningOf } from '@/lib/scim/connection';
import { withParts } from '@/lib/scim/find';
import { listPeople } from '@/lib/scim/list';
import { readAddress } from '@/lib/scim/query';
import { USER_TYPE } from '@/lib/scim/schema';
import { listSessions } from '@/lib/sessions/find';
import { findUser } from '@/lib/users/find';
import { countOtherAdmins } from '@/lib/users/last-admin';
import { type Rows, statementsOf } from './statements';

/** Reads with the product's statements, and renders one table per statement by string concatenation. */
const NAMED_ID = /^\/users\/([0-9a-f-]{36})$/;

function reads(tenantId: string, { pathname, searchParams }: URL): () => Promise<unknown> {
  const params = Object.fromEntries(searchParams);
  const [, userId] = NAMED_ID.exec(pathname) ?? [];
  if (userId) return () => readPerson(tenantId, userId);
  if (pathname === '/users') return () => readPage(tenantId, parseView(params), new Date());
  if (pathname === '/audit-log')
    return () => readLog(tenantId, filtersOf(parseLogView(params), undefined, 'UTC'), parseLogView(params));
  if (pathname === '/scim')
    return async () => withParts((await listPeople(tenantId, readAddress(USER_TYPE, searchParams))).rows);
  throw new Error(`Nothing is read at ${pathname}`);
}

async function readPerson(tenantId: string, userId: string): Promise<void> {
  const user = await findUser(tenantId, userId);
  if (!user) throw new Error('Nobody there');
  await Promise.all([
    listSessions(tenantId, userId),
    readInvitation(user),
    readMails(user),
    listKeys(tenantId, userId),
    readReasons(user),
    countOtherAdmins(tenantId, userId),
    provisioningOf(user),
    readEntries(tenantId, { person: userId }, { dir: 'desc', limit: 26 }),
  ]);
}

const known = new Map<string, Promise<() => Promise<Rows[]>>>();

/** The first call for a URL records the statements that the product sends; later calls only send them again. */
export function read(sql: Sql, tenantId: string, url: URL): Promise<Rows[]> {
  const key = `${tenantId} ${url.pathname}${url.search}`;
  const noted = known.get(key) ?? statementsOf(sql, reads(tenantId, url));
  known.set(key, noted);
  return noted.then((again) => again());
}

const text = (value: unknown): string => {
  if (value === null) return '';
  // -infinity is not a valid Date; it means never.
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Never' : value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const line = ([id, ...cells]: unknown[]) =>
  `<tr><td><a href="/users/${text(id)}">${text(id)}</a></td>${cells.map((cell) => `<td>${escapeHtml(text(cell))}</td>`).join('')}</tr>`;

export const asHtml = (tables: Rows[]): string =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Rollcall</title></head><body>${tables
    .map((rows) => `<table><tbody>${rows.slice(0, 50).map(line).join('')}</tbody></table>`)
    .join('')}</body></html>`;
