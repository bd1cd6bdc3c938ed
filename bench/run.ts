import { parseArgs } from 'node:util';
import { sql } from 'drizzle-orm';
import { db, disconnect } from '@/db/client';
import { type Bench, openBench } from './bench';
import { circumstances, mergeResults, RESULTS, type Row, table } from './results';
import { SCENARIOS } from './scenarios';
import { openWorld, QUICK, WHOLE, type World } from './world';

/**
 * `npm run bench [-- scenario …] [--quick] [--prepare]`: seeds its own Postgres, starts the product as in production and the
 * servers it is compared with, and measures. It uses only loopback, and limits rounds, connections and time. `--prepare` only
 * seeds. A quick run does not write to `bench/results.json`.
 */
const MOST_SECONDS = 15 * 60;
const MOST_SECONDS_LONG = 45 * 60;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, prepare: { type: 'boolean', default: false } },
});

let world: World | undefined;
let bench: Bench | undefined;
let stopping: Promise<void> | undefined;

function stop(): Promise<void> {
  stopping ??= (async () => {
    const parts = [async () => bench?.stop(), disconnect, async () => world?.close()];
    for (const part of parts) await part().catch((error: unknown) => console.error(error));
  })();
  return stopping;
}

async function main(): Promise<void> {
  const unknown = positionals.filter((name) => !(name in SCENARIOS));
  if (unknown.length > 0)
    throw new Error(`There is no scenario “${unknown[0]}”. There are: ${Object.keys(SCENARIOS).join(', ')}.`);
  world = await openWorld(options.quick ? QUICK : WHOLE);
  // This process prepares data with the product's own code, which reads its configuration from the environment.
  Object.assign(process.env, world.env, { NODE_ENV: 'production', DATABASE_POOL_SIZE: '4' });
  if (options.prepare) return;
  bench = openBench(world, options.quick);
  for (const name of positionals.length > 0 ? positionals : everyDay()) await measure(name, bench, world);
}

const everyDay = () => Object.keys(SCENARIOS).filter((name) => !SCENARIOS[name]?.long);

/** Saves the results after each row, so that an interruption loses nothing that was measured. */
async function measure(name: string, bench: Bench, { dir }: World): Promise<void> {
  const scenario = SCENARIOS[name];
  if (!scenario) return;
  console.log(`\n${name}: ${scenario.about}`);
  const file = options.quick ? `${dir}/results.json` : RESULTS;
  const [server] = await db.execute<{ version: string }>(sql`select current_setting('server_version') as version`);
  const [before, began] = [circumstances(), performance.now()];
  const rows: Row[] = [];
  for await (const row of scenario.measure(bench)) {
    console.log(table([row]));
    rows.push(row);
    const seconds = Math.round((performance.now() - began) / 1000);
    mergeResults(file, name, { ...before, seconds, rows }, server?.version ?? 'unknown');
    if (seconds > (scenario.long ? MOST_SECONDS_LONG : MOST_SECONDS))
      throw new Error('It takes too long. Is the machine busy?');
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void stop().finally(() => process.exit(1)));
}

main()
  .catch((error: unknown) => {
    if (!stopping) console.error(error);
    process.exitCode = 1;
  })
  .then(stop)
  // Exit even if a server does not stop.
  .finally(() => process.exit());
