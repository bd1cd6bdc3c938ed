import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { users } from '@/db/schema/users';
import { sendPasswordReset } from '@/lib/auth/forgot-password';
import { type BulkDeed, findMany, foresee, runBulk, touched } from '@/lib/bulk';
import { invite } from '@/lib/invitations/invite';
import { remove } from '@/lib/users/remove';
import { actorOf, cast, reread, signedIn } from '../support/cast';
import { unwrapped } from '../support/jobs';

type Acme = Awaited<ReturnType<typeof cast>>['acme'];
const idsOf = ({ ada, grace, sam, ivy, dan }: Acme) => [ada, grace, sam, ivy, dan].map(({ id }) => id);

const OWN_TURN: [BulkDeed, { refused: string[] }][] = [
  ['sign-out', { refused: ['ada', 'dan', 'ivy'] }],
  ['make-standard', { refused: ['ada'] }],
];

test.each(OWN_TURN)('%s of many and oneself is done to all the others, and tells', async (deed, { refused }) => {
  const { acme } = await cast();
  await signedIn(acme.sam);
  const ada = await actorOf(acme.ada);
  const { results } = unwrapped(await runBulk(ada, deed, idsOf(acme)));
  expect(results.filter(({ refusal }) => refusal).map(({ email }) => email.split('@')[0])).toEqual(refused);
  expect(results[0]).toMatchObject({ email: acme.ada.email, refusal: 'own-turn' });
  expect(unwrapped(await runBulk(ada, deed, [acme.sam.id])).results, 'the actor may go on').toMatchObject([
    { refusal: null },
  ]);
  expect(await reread(acme.ada)).toMatchObject({ role: 'tenant_admin' });
});

test('what was ended is summed', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  for (const user of [acme.sam, acme.sam, acme.grace]) await signedIn(user);
  await sendPasswordReset(ada, { userId: acme.sam.id });
  const { ended } = unwrapped(await runBulk(ada, 'remove', idsOf(acme)));
  expect(ended).toEqual({ sessionsEnded: 3, keysRevoked: 0, invitationsRevoked: 1, resetsRevoked: 1 });
});

const ADMINS = { count: 2, saml: 'off' } as const;

test('what would be touched is counted before, of those alone to whom it can be done', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  for (const user of [acme.sam, acme.grace]) await signedIn(user);
  await sendPasswordReset(ada, { userId: acme.sam.id });
  await db.update(users).set({ profileManagedBy: 'scim' }).where(eq(users.id, acme.sam.id));
  const now = new Date();
  const touchedBy = async (deed: BulkDeed) => {
    const people = await findMany(acme.tenant.id, idsOf(acme));
    return touched(acme.tenant.id, deed, await foresee(ada, deed, people, ADMINS, now), ADMINS, now);
  };
  expect(await touchedBy('remove')).toEqual({
    sessionsEnding: 2,
    liveKeys: 0,
    openInvitations: 1,
    openResets: 1,
    adminsLeft: 1,
    ofScim: 1,
  });
  expect(await touchedBy('deactivate')).toMatchObject({ openInvitations: 0, adminsLeft: 1 });
  expect(await touchedBy('resend-invitation')).toMatchObject({
    sessionsEnding: null,
    liveKeys: 0,
    openInvitations: 1,
    adminsLeft: null,
  });
  expect(await touchedBy('make-admin')).toEqual({
    sessionsEnding: null,
    liveKeys: 0,
    openInvitations: 0,
    openResets: 0,
    adminsLeft: null,
    ofScim: 0,
  });
});

test('of two removed people with one address, one can be restored, and neither while somebody else has it', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const again = async () => {
    const outcome = await invite(ada, { email: acme.sam.email, firstName: '', lastName: '', role: null });
    return outcome.ok ? outcome.value.userId : '';
  };
  await remove(ada, { userId: acme.sam.id });
  const second = await again();
  const ids = [acme.sam.id, second];
  const foreseen = async () => {
    const now = new Date();
    const people = await foresee(ada, 'restore', await findMany(acme.tenant.id, ids), ADMINS, now);
    return people.map(({ refusal }) => refusal).sort();
  };
  const done = async () =>
    unwrapped(await runBulk(ada, 'restore', ids))
      .results.map(({ refusal }) => refusal)
      .sort();
  expect(await foreseen()).toEqual(['address-taken', 'not-removed']);
  expect(await done()).toEqual(['address-taken', 'not-removed']);
  await remove(ada, { userId: second });
  expect(await foreseen()).toEqual(['address-taken', null]);
  expect(await done()).toEqual(['address-taken', null]);
});
