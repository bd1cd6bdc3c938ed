import { EventEmitter } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PgPreparedQuery } from 'drizzle-orm/pg-core';
import type { Sql } from 'postgres';
import { watchQueries } from '@/db/watch-queries';
import { logLines } from '@/lib/observe/log';
import { startTracing } from '@/lib/observe/trace';
import { watchRequest } from '@/scripts/serve/watch-request';

/**
 * The cost of logs, metrics and traces: CPU per request and per statement, and per statement without them.
 * `node --import tsx bench/observing.ts`
 */
const ROUNDS = 7;
const TIMES = 20_000;

process.env.LOG_FORMAT = 'json';
const nowhere = createWriteStream('/dev/null');
logLines.out = (line) => void nowhere.write(line);

type Statement = { queryWithCache(text: string, params: unknown[], query: () => Promise<unknown>): Promise<unknown> };
const statement = Object.assign(Object.create(PgPreparedQuery.prototype), { client: {} }) as Statement;
const plain = PgPreparedQuery.prototype as unknown as Statement;
const unwatched = plain.queryWithCache;
watchQueries({ begin: async () => {} } as unknown as Sql, 'primary', 10);
const text = 'select "id", "email", "first_name" from "users" where "tenant_id" = $1 order by "email_key" limit $2';
const run = async () => [];

const works: Record<string, () => Promise<unknown>> = {
  'statement, unwatched': () => unwatched.call(statement, text, ['a', 50], run),
  'statement, watched': () => statement.queryWithCache(text, ['a', 50], run),
  'request, watched': async () => {
    const response = Object.assign(new EventEmitter(), {
      statusCode: 200,
      writableFinished: true,
      setHeader: () => {},
    });
    const request = { headers: {}, method: 'GET', url: '/administration/access/users?sort=email' };
    watchRequest(request as IncomingMessage, response as unknown as ServerResponse, 0, () => {});
    response.emit('close');
  },
};

/** The CPU time of one run in microseconds, from the fastest of several rounds. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let times = 0; times < TIMES; times++) await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / TIMES);
  }
  return least;
}

async function table(title: string): Promise<void> {
  console.log(title);
  for (const [name, work] of Object.entries(works))
    console.log(`  ${name.padEnd(22)} ${(await cost(work)).toFixed(1)} µs`);
}

await table('log and figures');
const collector = createServer((request, response) => request.resume().on('end', () => response.end('{}'))).listen(0);
process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
const end = await startTracing();
await table('and traces, sent to a collector');
await end();
collector.close();
collector.closeAllConnections();
