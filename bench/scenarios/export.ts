import { Agent, request } from 'node:http';
import { type Bench, tenantOf } from '../bench';
import { posted, type Sent } from '../forms';
import { median, usage } from '../measure';
import type { Row } from '../results';
import { signInAdmin } from '../sign-in';
import { USERS } from '../users-view';

/** The CSV export of everybody, read as fast as possible, compared with one COPY piped into the response. */
const ROUNDS = 3;
const SAMPLE_MS = 50;
const MIB = 2 ** 20;

export async function* exportUsers(bench: Bench): AsyncGenerator<Row> {
  const [product, limit] = [await bench.product(), await bench.limit()];
  const { slug } = await tenantOf(bench.size);
  const { cookie, limitCookie } = await signInAdmin(slug);
  const form = { url: `${product.origin}${USERS}/export`, cookie, fields: [] };
  const servers = {
    limit: { probes: limit.probes, url: `${limit.origin}/export`, sent: { headers: { cookie: limitCookie } } },
    product: {
      probes: product.probes,
      url: form.url,
      sent: posted(form, { sort: 'email' }),
    },
  };
  const seen: Record<string, Awaited<ReturnType<typeof download>>[]> = { limit: [], product: [] };
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, { probes, url, sent }] of Object.entries(servers)) {
      const one = await download(url, sent, probes);
      if (round >= 0) seen[name]?.push(one);
    }
  }
  const of = Object.fromEntries(
    Object.entries(seen).map(([name, all]) => [
      name,
      {
        rows: all[0]?.rows ?? 0,
        rowsPerSecond: median(all.map((one) => one.rows / one.seconds)),
        addedMiB: Math.max(...all.map(({ addedMiB }) => addedMiB)),
        cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
        bytes: all[0]?.bytes ?? 0,
      },
    ]),
  );
  yield { what: 'export', users: bench.size, of };
}

async function download(url: string, sent: Sent, probes: string) {
  const before = await usage(probes);
  let most = before.rss;
  const watch = setInterval(() => {
    void usage(probes).then(({ rss }) => {
      most = Math.max(most, rss);
    });
  }, SAMPLE_MS);
  const began = performance.now();
  const { rows, bytes } = await count(url, sent).finally(() => clearInterval(watch));
  const seconds = (performance.now() - began) / 1000;
  const after = await usage(probes);
  return { rows, bytes, seconds, addedMiB: (most - before.rss) / MIB, cpuMs: after.cpuMs - before.cpuMs };
}

/** Counts the lines without the header, and the bytes. The content is not stored. */
function count(url: string, { method = 'GET', headers = {}, body }: Sent): Promise<{ rows: number; bytes: number }> {
  const agent = new Agent();
  return new Promise((resolve, reject) => {
    request(url, { agent, method, headers }, (response) => {
      let [lines, bytes] = [0, 0];
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines++;
      });
      response.on('error', reject);
      response.on('end', () => {
        agent.destroy();
        if (response.statusCode === 200) resolve({ rows: lines - 1, bytes });
        else reject(new Error(`The export answers ${response.statusCode}`));
      });
    })
      .on('error', reject)
      .end(body);
  });
}
