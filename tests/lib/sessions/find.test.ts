import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { newToken } from '@/lib/crypto/tokens';
import { findSession, touchSession } from '@/lib/sessions/find';
import { cast, signedIn } from '../../support/cast';

const HOUR = 3_600_000;
const later = (hours: number) => new Date(Date.now() + hours * HOUR);

describe('a session', () => {
  test('is found by its token alone, and the token stands in no row', async () => {
    const { acme } = await cast();
    const { token, actor } = await signedIn(acme.sam);
    expect(await findSession(token)).toMatchObject({
      sessionId: actor.sessionId,
      userId: acme.sam.id,
      tenantId: acme.tenant.id,
    });
    expect(await findSession(newToken())).toBeNull();
    expect(await findSession(actor.sessionId)).toBeNull();
    const [row] = await db.select().from(sessions).where(eq(sessions.id, actor.sessionId));
    expect(JSON.stringify(row)).not.toContain(token);
  });

  test('is dead after twelve idle hours, or seven days in all', async () => {
    const { acme } = await cast();
    const { token } = await signedIn(acme.sam);
    expect(await findSession(token, later(11.9))).not.toBeNull();
    expect(await findSession(token, later(12.1))).toBeNull();
    for (let hours = 10; hours < 168; hours += 10) {
      const seen = await findSession(token, later(hours));
      if (seen) await touchSession(seen, later(hours));
    }
    expect(await findSession(token, later(167.9))).not.toBeNull();
    expect(await findSession(token, later(168.1))).toBeNull();
  });

  test('obeys a changed limit of its tenant on the next request', async () => {
    const { acme, globex } = await cast();
    const [ours, theirs] = [await signedIn(acme.sam), await signedIn(globex.otto)];
    await db.update(tenants).set({ sessionIdleHours: 1 }).where(eq(tenants.id, acme.tenant.id));
    expect(await findSession(ours.token, later(2))).toBeNull();
    expect(await findSession(theirs.token, later(2))).not.toBeNull();
  });

  test('of a person who is not active is dead, even where nobody ended it', async () => {
    const { acme } = await cast();
    const { token } = await signedIn(acme.sam);
    await db.update(users).set({ status: 'deactivated' }).where(eq(users.id, acme.sam.id));
    expect(await findSession(token)).toBeNull();
  });

  test('is noted as seen at most once a minute', async () => {
    const { acme } = await cast();
    const { token } = await signedIn(acme.sam);
    const seenAt = async () =>
      (await db.select().from(sessions).where(eq(sessions.userId, acme.sam.id)))[0]?.lastSeenAt.getTime();
    const live = await findSession(token);
    if (!live) throw new Error('no session');
    const began = await seenAt();
    await touchSession(live, new Date(Number(began) + 59_000));
    expect(await seenAt()).toBe(began);
    await touchSession(live, new Date(Number(began) + 61_000));
    expect(await seenAt()).toBe(Number(began) + 61_000);
  });

  test('is seen when it is seen, though a clock that was ahead has said otherwise', async () => {
    const { acme } = await cast();
    const { token } = await signedIn(acme.sam);
    const inHours = (n: number) => new Date(Date.now() + n * 3_600_000);
    await db
      .update(sessions)
      .set({ lastSeenAt: inHours(9) })
      .where(eq(sessions.userId, acme.sam.id));
    const live = await findSession(token);
    if (!live) throw new Error('no session');
    await touchSession(live);
    expect(await findSession(token, inHours(13))).toBeNull();
  });
});
