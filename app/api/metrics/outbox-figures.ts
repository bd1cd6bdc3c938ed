import { inArray, sql } from 'drizzle-orm';
import { Gauge, Registry } from 'prom-client';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';

/** How much mail waits, and for how long. */
export async function outboxFigures(): Promise<string> {
  const waiting = await db
    .select({
      status: mails.status,
      count: sql<number>`count(*)::int`,
      oldestSeconds: sql<number>`extract(epoch from now() - min(${mails.createdAt}))::float8`,
    })
    .from(mails)
    .where(inArray(mails.status, ['queued', 'deferred']))
    .groupBy(mails.status);
  const registers = [new Registry()];
  const labelNames = ['status'] as const;
  const depth = new Gauge({ name: 'rollcall_mail_waiting', help: 'Mails in the outbox.', labelNames, registers });
  const age = new Gauge({
    name: 'rollcall_mail_oldest_seconds',
    help: 'Age of the mail that waits longest.',
    labelNames,
    registers,
  });
  for (const status of ['queued', 'deferred'] as const) {
    const found = waiting.find((each) => each.status === status);
    depth.set({ status }, found?.count ?? 0);
    age.set({ status }, found?.oldestSeconds ?? 0);
  }
  return registers[0]?.metrics() ?? '';
}
