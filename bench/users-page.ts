import { gzipSync } from 'node:zlib';

/**
 * The Users page of a small tenant beside that of a large one, in alternated rounds against a running product:
 * `BENCH_URL=… BENCH_PASSWORD=… node --import tsx bench/users-page.ts small-admin@… large-admin@…`
 * Prints medians and their ratio: on a noisy machine only the ratio counts. Sends one request at a time.
 */
const { BENCH_URL: origin = 'http://localhost:3000', BENCH_PASSWORD: password = '' } = process.env;
const USERS = '/administration/access/users';
const ROUNDS = 60;
const VIEWS = {
  'first page': '',
  'by last login': '?sort=lastLogin&dir=desc',
  admins: '?role=tenant_admin',
  'search “smith”': '?q=smith',
  'search “an”': '?q=an',
  'search, no match': '?q=zzzzqq',
};

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Signs in by next-auth's own endpoint and gives the session cookie. */
async function signIn(email: string): Promise<string> {
  const first = await fetch(`${origin}/api/auth/csrf`);
  const { csrfToken } = (await first.json()) as { csrfToken: string };
  const answer = await fetch(`${origin}/api/auth/callback/credentials`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(first), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrfToken, email, password, json: 'true' }),
  });
  return cookiesOf(answer);
}

const cookiesOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

async function timed(cookie: string, query: string): Promise<{ ms: number; html: string }> {
  const began = performance.now();
  const answer = await fetch(`${origin}${USERS}${query}`, { headers: { cookie }, redirect: 'error' });
  const html = await answer.text();
  return { ms: performance.now() - began, html };
}

async function main(): Promise<void> {
  const people = process.argv.slice(2);
  const cookies = await Promise.all(people.map(signIn));
  for (const [name, query] of Object.entries(VIEWS)) {
    const times: number[][] = cookies.map(() => []);
    for (let round = -5; round < ROUNDS; round++) {
      for (const [i, cookie] of cookies.entries()) {
        const { ms } = await timed(cookie, query);
        if (round >= 0) times[i]?.push(ms);
      }
    }
    const medians = times.map(median);
    console.log(
      `${name.padEnd(18)} ${medians.map((ms) => `${ms.toFixed(1)} ms`.padStart(9)).join(' ')}   × ${((medians[1] ?? 0) / (medians[0] ?? 1)).toFixed(2)}`,
    );
  }
  const { html } = await timed(cookies[1] ?? '', '');
  const scripts = [...new Set([...html.matchAll(/src="(\/_next\/static\/[^"]+\.js)"/g)].map(([, src]) => String(src)))];
  const sizes = await Promise.all(
    scripts.map(async (src) => gzipSync(Buffer.from(await (await fetch(origin + src)).arrayBuffer())).length),
  );
  console.log(
    `HTML ${html.length} bytes (${gzipSync(html).length} gzipped), JavaScript ${sizes.reduce((a, b) => a + b, 0)} bytes gzipped in ${scripts.length} files`,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
