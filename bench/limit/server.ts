import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import postgres from 'postgres';
import { hashToken } from '../../lib/crypto/tokens';
import { escapeHtml } from '../../lib/escape-html';
import { COLUMNS, type Row, readRows } from '../rows';
import * as deeds from './deeds';
import { exportTo } from './export';
import { asHtml, read } from './lists';

/**
 * The limit: the product's responses at the cost of the essential work only. A bare server looks up the session, sends the
 * statements and renders rows by concatenation. `DATABASE_URL=… PORT=… node --import tsx bench/limit/server.ts`
 */
const { DATABASE_URL = '', PORT = '4001' } = process.env;
const sql = postgres(DATABASE_URL, { max: 10 });
/** The cookie holds the unsealed token: the cost of sealing it is the product's own choice. */
const COOKIE = /(?:^|; )limit-session=([^;]+)/;
const HTML = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
const JSON_TYPE = { 'content-type': 'application/json', 'cache-control': 'no-store' };

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

const given = async (request: IncomingMessage) => JSON.parse(await text(request));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const { method, url: address = '/' } = request;
  if (address === '/sign-in') {
    const { email, password } = await given(request);
    const token = await deeds.signIn(sql, email, password);
    return token
      ? response.writeHead(303, { 'set-cookie': `limit-session=${token}`, location: '/' }).end()
      : response.writeHead(401).end();
  }
  if (address === '/prove') {
    await deeds.prove((await given(request)).password);
    return response.writeHead(303).end();
  }

  const token = COOKIE.exec(request.headers.cookie ?? '')?.[1];
  const session = token && (await findSession(token));
  if (!session) return response.writeHead(401).end();
  const { tenantId } = session;
  if (address === '/') return response.writeHead(200, HTML).end(page(await readRows(sql, tenantId)));
  if (address === '/export') return exportTo(response, sql, tenantId);
  if (address === '/invite') {
    const id = await deeds.invite(sql, tenantId, (await given(request)).email);
    return response.writeHead(303, { location: `/users/${id}` }).end();
  }
  if (address === '/invite-all') {
    await deeds.inviteAll(sql, tenantId, (await given(request)).emails);
    return response.writeHead(303).end();
  }
  if (method === 'POST')
    return response
      .writeHead(201, JSON_TYPE)
      .end(JSON.stringify(await deeds.create(sql, tenantId, await given(request))));
  if (method === 'PATCH') {
    const { Operations } = await given(request);
    const changed = await deeds.change(sql, tenantId, address.slice('/scim/'.length), Operations[0].value);
    return response.writeHead(200, JSON_TYPE).end(JSON.stringify(changed));
  }
  const url = new URL(address, 'http://localhost');
  const tables = await read(sql, tenantId, url);
  if (url.pathname === '/scim') return response.writeHead(200, JSON_TYPE).end(JSON.stringify({ Resources: tables }));
  return response.writeHead(200, HTML).end(asHtml(tables));
}

createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(Number(PORT), '127.0.0.1');
