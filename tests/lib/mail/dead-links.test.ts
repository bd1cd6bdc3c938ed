import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { mails } from '@/db/schema/mails';
import { passwordResets } from '@/db/schema/password-resets';
import type { UserActor } from '@/lib/actor';
import { sendPasswordReset } from '@/lib/auth/forgot-password';
import { deactivate } from '@/lib/users/deactivate';
import { editProfile } from '@/lib/users/profile';
import { remove } from '@/lib/users/remove';
import { actorOf, cast } from '../../support/cast';

const mailsOf = (userId: string) =>
  db.select().from(mails).where(eq(mails.userId, userId)).orderBy(mails.createdAt, mails.id);

type Deed = (actor: UserActor, userId: string) => Promise<unknown>;
const DEEDS: [string, Deed][] = [
  ['a newer reset', (actor, userId) => sendPasswordReset(actor, { userId })],
  ['a deactivation', (actor, userId) => deactivate(actor, { userId })],
  ['a removal', (actor, userId) => remove(actor, { userId })],
  [
    'a changed address',
    (actor, userId) => editProfile(actor, { userId, firstName: 'Sam', lastName: 'Acme', email: 'other@x.example' }),
  ],
];

test.each(DEEDS)('a password reset that waits to be mailed is cancelled by %s', async (_, deed) => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  await sendPasswordReset(ada, { userId: acme.sam.id });
  expect(await mailsOf(acme.sam.id)).toMatchObject([{ status: 'queued' }]);
  await deed(ada, acme.sam.id);
  expect((await mailsOf(acme.sam.id))[0]).toMatchObject({ status: 'cancelled', contentSealed: null });
});

test('the mail of a link ends when its link does', async () => {
  const { acme } = await cast();
  await sendPasswordReset(await actorOf(acme.ada), { userId: acme.sam.id });
  const [reset] = await db.select().from(passwordResets).where(eq(passwordResets.userId, acme.sam.id));
  expect((await mailsOf(acme.sam.id))[0]).toMatchObject({ id: reset?.mailId, expiresAt: reset?.expiresAt });
  const [invitation] = await mailsOf(acme.ivy.id);
  expect(Number(invitation?.expiresAt) - Number(invitation?.createdAt)).toBe(24 * 3_600_000);
});
