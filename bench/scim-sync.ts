import { readFileSync } from 'node:fs';

/**
 * The first sync of an identity provider, and the leaving of some: each person is looked up and then created, as Okta and
 * Entra ID do it, and then 500 are deactivated. Against a running product:
 * `BENCH_URL=… BENCH_TOKENS=rcscim_…,rcscim_… BENCH_PID=… node --import tsx bench/scim-sync.ts [people] [at once]`
 * Several tokens, since one is limited. With the product's process id it also prints its memory (Linux).
 */
const { BENCH_URL: origin = 'http://localhost:3000', BENCH_TOKENS = '', BENCH_PID: pid } = process.env;
const tokens = BENCH_TOKENS.split(',');
const [people = 10_000, atOnce = 8] = process.argv.slice(2).map(Number);
const LEAVERS = 500;
const run = Date.now().toString(36);

let sent = 0;

async function ask(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ ms: number; id?: string; totalResults?: number }> {
  const token = tokens[sent++ % tokens.length];
  const began = performance.now();
  const answer = await fetch(`${origin}/api/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const read = (await answer.json()) as { id?: string; totalResults?: number; detail?: string };
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${read.detail}`);
  return { ...read, ms: performance.now() - began };
}

/** So many at once, the whole list. */
async function each<T>(list: T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...list].reverse();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
    }),
  );
}

/** Resident memory in MiB. */
function memory(): string {
  if (!pid) return '';
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return `, product at ${Math.round(Number(kib) / 1024)} MiB`;
}

function report(name: string, times: number[], seconds: number): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(1);
  const rate = Math.round(times.length / seconds);
  console.log(
    `${name.padEnd(12)} ${String(times.length).padStart(6)} requests, ${rate}/s, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms${memory()}`,
  );
}

async function phase<T>(
  names: string[],
  list: T[],
  work: (item: T, times: number[][]) => Promise<void>,
): Promise<void> {
  const times: number[][] = names.map(() => []);
  const began = performance.now();
  await each(list, (item) => work(item, times));
  const seconds = (performance.now() - began) / 1000;
  for (const [i, name] of names.entries()) report(name, times[i] ?? [], seconds);
  if (names.length > 1) report('together', times.flat(), seconds);
}

async function main(): Promise<void> {
  console.log(`${people} people, ${atOnce} at once${memory()}`);
  const ids: string[] = [];
  await phase(
    ['look-up', 'create'],
    Array.from({ length: people }, (_, n) => n),
    async (n, [lookUps, creates]) => {
      const userName = `p${n}@${run}.example`;
      const found = await ask('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`);
      if (found.totalResults !== 0) throw new Error(`${userName} is there already`);
      lookUps?.push(found.ms);
      const name = { givenName: `P${n}`, familyName: `Sync ${run}` };
      const made = await ask('POST', '/Users', {
        userName,
        name,
        externalId: `${run}-${n}`,
        emails: [{ value: userName, type: 'work', primary: true }],
        active: true,
      });
      creates?.push(made.ms);
      if (made.id) ids.push(made.id);
    },
  );
  await phase(['deactivate'], ids.slice(0, LEAVERS), async (id, [times]) => {
    times?.push(
      (await ask('PATCH', `/Users/${id}`, { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] })).ms,
    );
  });
  const pages: number[] = [];
  const began = performance.now();
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page: { ms: number; nextCursor?: string } = await ask('GET', `/Users?count=500&cursor=${cursor}`);
    pages.push(page.ms);
    cursor = page.nextCursor;
  }
  report('read all', pages, (performance.now() - began) / 1000);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
