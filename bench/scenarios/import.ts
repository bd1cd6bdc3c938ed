import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { and, eq, inArray, ne } from 'drizzle-orm';
import { db } from '@/db/client';
import { jobs } from '@/db/schema/jobs';
import { mails } from '@/db/schema/mails';
import { type Bench, tenantOf } from '../bench';
import { formAt, posted, send } from '../forms';
import type { Row } from '../results';
import { signInAdmin } from '../sign-in';
import { USERS } from '../users-view';

/**
 * A list of ten thousand, pasted, checked and confirmed as in a browser without scripts. Measured until the last person is
 * invited and until the mail server has the last mail; compared with one statement that writes the same rows.
 */
const PEOPLE = 10_000;
const ASK_MS = 50;

export async function* importList(bench: Bench): AsyncGenerator<Row> {
  const [product, limit] = [await bench.product(), await bench.limit()];
  const { id: tenantId, slug } = await tenantOf(bench.size);
  const { cookie, limitCookie } = await signInAdmin(slug);
  const people = bench.quick ? PEOPLE / 10 : PEOPLE;
  const listed = (name: string) =>
    Array.from({ length: people }, (_, i) => `${name}-${Date.now().toString(36)}-${i}@example.com`);

  const form = await formAt(`${product.origin}${USERS}/import`, cookie, 'text');
  const checked = await timed(posted(form, { text: listed('pasted').join('\n') }), form.url, 303);
  const draft = new URL(String(checked.headers.location), product.origin);
  const confirmation = await formAt(draft.href, cookie, 'jobId');
  await allMailed(tenantId);
  const began = performance.now();
  const answered = await timed(posted(confirmation, { verdicts: 'new' }), draft.href, 303);
  const done = await finished(tenantId, confirmation.fields.find(([name]) => name === 'jobId')?.[1] ?? '');
  const seconds = (performance.now() - began) / 1000;
  await allMailed(tenantId);
  const mailedSeconds = (performance.now() - began) / 1000;

  const body = JSON.stringify({ emails: listed('bare') });
  const bare = await timed(
    { method: 'POST', headers: { cookie: limitCookie }, body },
    `${limit.origin}/invite-all`,
    303,
  );
  yield {
    what: `${people.toLocaleString('en')} invited by a list`,
    users: bench.size,
    of: {
      limit: { seconds: bare.ms / 1000, perSecond: people / (bare.ms / 1000) },
      product: {
        seconds,
        perSecond: done / seconds,
        checkSeconds: checked.ms / 1000,
        answerSeconds: answered.ms / 1000,
        mailedSeconds,
      },
    },
  };
}

async function timed(sent: Parameters<typeof send>[2], url: string, status: number) {
  const agent = new Agent();
  const answer = await send(url, agent, sent);
  agent.destroy();
  if (answer.status !== status) throw new Error(`${url} answers ${answer.status}`);
  return answer;
}

/** Waits until the tenant's outbox is empty, including mails of earlier runs. */
async function allMailed(tenantId: string): Promise<void> {
  const isWaiting = and(eq(mails.tenantId, tenantId), inArray(mails.status, ['queued', 'deferred']));
  while ((await db.select({ id: mails.id }).from(mails).where(isWaiting).limit(1)).length > 0) await sleep(ASK_MS);
}

/** Waits until the job ends and returns how many people it invited. */
async function finished(tenantId: string, jobId: string): Promise<number> {
  for (;;) {
    const [job] = await db
      .select({ done: jobs.done, refused: jobs.refused })
      .from(jobs)
      .where(and(eq(jobs.tenantId, tenantId), eq(jobs.id, jobId), ne(jobs.status, 'open')));
    if (job && job.refused > 0) throw new Error(`${job.refused} of the list were refused.`);
    if (job) return job.done;
    await sleep(ASK_MS);
  }
}
