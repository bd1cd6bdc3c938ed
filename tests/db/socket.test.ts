import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import postgres from 'postgres';
import { afterEach, expect, test } from 'vitest';
import { openSocket } from '@/db/socket';
import { env } from '@/lib/env';

const POOL = 3;
let close = async () => {};
afterEach(() => close());

/** A pool over a wire to the database that is not there yet; it lies where `plug` puts it. */
async function unplugged() {
  const { hostname, port } = new URL(env().DATABASE_URL);
  const wire = createServer((client) => {
    const server = connect(Number(port), hostname);
    client.pipe(server).pipe(client);
    for (const end of [client, server]) end.on('error', () => {});
  });
  wire.listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const url = new URL(env().DATABASE_URL);
  url.port = String((wire.address() as AddressInfo).port);
  const unplug = () => new Promise((closed) => wire.close(closed));
  await unplug();
  const madeByUs: object = { socket: openSocket };
  const sql = postgres(url.href, { max: POOL, backoff: () => 0, ...madeByUs, onnotice: () => {} });
  close = async () => {
    await sql.end({ timeout: 1 });
    await unplug();
  };
  return { sql, plug: () => new Promise<void>((listening) => wire.listen(Number(url.port), '127.0.0.1', listening)) };
}

test('a pool whose every connection was refused, again and again, is whole when the database is there', async () => {
  const { sql, plug } = await unplugged();
  for (let times = 0; times < 3 * POOL; times++) await expect(sql`select 1`).rejects.toThrow('ECONNREFUSED');
  await plug();
  const all = await Promise.all(Array.from({ length: POOL }, () => sql`select pg_sleep(0.2), pg_backend_pid() as pid`));
  expect(new Set(all.map(([row]) => row?.pid)).size, 'all at once, each over a connection of its own').toBe(POOL);
}, 15_000);
