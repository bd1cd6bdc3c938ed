import { createServer } from 'node:http';
import postgres from 'postgres';
import { hashToken } from '../../lib/crypto/tokens';
import { escapeHtml } from '../../lib/escape-html';
import { COLUMNS, type Row, readRows } from '../rows';

/**
 * The limit: what the Users list costs where nothing but the work itself is done. A bare server looks the session up, sends
 * the query of the list and writes the rows by concatenation. `DATABASE_URL=… PORT=… node --import tsx bench/limit/server.ts`
 */
const { DATABASE_URL = '', PORT = '4001' } = process.env;
const sql = postgres(DATABASE_URL, { max: 10 });
/** Holds the bare token: what sealing it costs is the product's own choice. */
const COOKIE = /(?:^|; )limit-session=([^;]+)/;

async function findSession(token: string): Promise<{ tenantId: string } | undefined> {
  const [found] = await sql<{ tenantId: string }[]>`
    select t.id as "tenantId", t.name, u.email, u.role from sessions s
    join users u on u.tenant_id = s.tenant_id and u.id = s.user_id join tenants t on t.id = s.tenant_id
    where s.token_hash = ${hashToken(token)} and u.status = 'active' and s.ended_at is null
      and s.last_seen_at > now() - make_interval(hours => t.session_idle_hours)
      and s.created_at > now() - make_interval(hours => t.session_absolute_hours)`;
  return found;
}

const line = ([id, email = '', ...cells]: Row) =>
  `<tr><td><a href="/users/${id}">${escapeHtml(email)}</a></td>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;

const page = (rows: Row[]) =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Users</title></head><body><h1>Users</h1><table><thead><tr>` +
  `${COLUMNS.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${rows.map(line).join('')}</tbody></table></body></html>`;

createServer(async (request, response) => {
  const token = COOKIE.exec(request.headers.cookie ?? '')?.[1];
  const session = token && (await findSession(token));
  if (!session) return response.writeHead(401).end();
  const html = page(await readRows(sql, session.tenantId));
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
}).listen(Number(PORT), '127.0.0.1');
