import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { totpFactors } from '@/db/schema/factors';
import { users } from '@/db/schema/users';
import type { Actor, UserActor } from '@/lib/actor';
import { runBulk } from '@/lib/bulk';
import { showInvitationLink } from '@/lib/invitations/handle';
import { invite } from '@/lib/invitations/invite';
import { beginBulk } from '@/lib/jobs/begin-bulk';
import { beginImport } from '@/lib/jobs/begin-import';
import { resumeJob } from '@/lib/jobs/resume';
import { stopJob } from '@/lib/jobs/stop';
import { resetSecondFactor } from '@/lib/mfa/reset';
import type { Outcome } from '@/lib/outcome';
import { setMapping } from '@/lib/saml/groups';
import { deactivate } from '@/lib/users/deactivate';
import { editProfile } from '@/lib/users/profile';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';
import { aged, type Cast, cast, operatorOf, signedIn } from '../support/cast';
import { draftOf, unwrapped } from '../support/jobs';
import { connect } from '../support/saml-idp';
import { withApp } from '../support/second-factor';
import { trailOf } from '../support/trail';

type Stage = Cast['acme'] & { stopped: { roles: string; list: string } };
type Deed = (actor: UserActor, people: Stage) => Promise<Outcome<unknown, string>>;
const whole = (email: string) => ({ firstName: 'X', lastName: 'Y', email });
const listOf = async (actor: UserActor, text: string) =>
  beginImport(actor, await draftOf(actor, text), { verdicts: ['new'], numbers: [] });

const ADMIN_IN_IT = 'a@x.example\nb@x.example,B,B,tenant_admin';

/** Jobs that another admin began, who had proven who they are, and that were stopped before their first batch. */
async function stoppedJobs({ grace, sam }: Cast['acme']): Promise<Stage['stopped']> {
  const { actor } = await signedIn(grace);
  const [roles, list] = [newId(), await draftOf(actor, ADMIN_IN_IT)];
  unwrapped(await beginBulk(actor, { jobId: roles, deed: 'make-admin', filters: { q: sam.email }, seen: 1 }));
  unwrapped(await beginImport(actor, list, { verdicts: ['new'], numbers: [] }));
  for (const jobId of [roles, list]) unwrapped(await stopJob(actor, { jobId }));
  return { roles, list };
}

/** What lets somebody in, or makes somebody an admin, for longer than the session that did it. */
const ASKED: Record<string, Deed> = {
  'a role': (actor, { sam }) => changeRole(actor, { userId: sam.id, role: 'tenant_admin' }),
  'a role of several': (actor, { sam, dan }) => runBulk(actor, 'make-admin', [sam.id, dan.id]),
  'a role of everybody who matches': (actor, { sam }) =>
    beginBulk(actor, { jobId: newId(), deed: 'make-admin', filters: { q: sam.email }, seen: 1 }),
  'an invitation of an admin': (actor) =>
    invite(actor, { email: 'zoe@x.example', firstName: '', lastName: '', role: 'tenant_admin' }),
  'a list with an admin in it': (actor) => listOf(actor, ADMIN_IN_IT),
  'the link of an invitation': (actor, { ivy }) => showInvitationLink(actor, { userId: ivy.id }),
  'an address': (actor, { sam }) => editProfile(actor, { userId: sam.id, ...whole('new@x.example') }),
  'a second factor that is taken away': (actor, { grace }) => resetSecondFactor(actor, { userId: grace.id }),
  'going on with what makes admins': (actor, { stopped }) => resumeJob(actor, { jobId: stopped.roles }),
  'going on with a list with an admin in it': (actor, { stopped }) => resumeJob(actor, { jobId: stopped.list }),
  'groups that make admins': (actor) =>
    setMapping(actor, { mapping: { groupAttribute: 'groups', adminGroups: ['admins'] } }),
};

async function setTheStage() {
  const { acme } = await cast();
  await connect(acme.tenant);
  const stopped = await stoppedJobs(acme);
  await withApp(acme.grace);
  const { actor } = await signedIn(acme.ada);
  return { acme: { ...acme, stopped }, actor };
}

test.each(Object.entries(ASKED))('%s is asked a fresh proof for, and nothing is done without it', async (_, deed) => {
  const { acme, actor } = await setTheStage();
  await aged(actor.sessionId);
  const before = await standOf(acme);
  expect(await deed(actor, acme)).toEqual({ ok: false, refusal: 'proof-needed' });
  expect(await standOf(acme)).toEqual(before);

  const { actor: proven } = await signedIn(acme.ada);
  expect(await deed(proven, acme)).toMatchObject({ ok: true });
});

async function standOf({ tenant, sam, dan, ivy, grace }: Cast['acme']) {
  const people = await db.select().from(users).where(eq(users.tenantId, tenant.id)).orderBy(users.emailKey);
  const trails = await Promise.all([sam, dan, ivy, grace].map(trailOf));
  return { people, trails, factors: await db.$count(totpFactors, eq(totpFactors.userId, grace.id)) };
}

/** What takes access away must not wait, and everyday deeds are no trouble. */
const NOT_ASKED: Record<string, Deed> = {
  'a role that is taken': (actor, { grace }) => changeRole(actor, { userId: grace.id, role: 'standard_user' }),
  'a deactivation': (actor, { grace }) => deactivate(actor, { userId: grace.id }),
  'a sign-out': (actor, { grace }) => forceSignOut(actor, { userId: grace.id }),
  'an invitation': (actor) => invite(actor, { ...whole('zoe@x.example'), role: 'standard_user' }),
  'a list without an admin': (actor) => listOf(actor, 'a@x.example\nb@x.example,B,B,standard_user'),
  'a name': (actor, { sam }) => editProfile(actor, { userId: sam.id, firstName: 'Sammy' }),
  'that groups make no admins any more': (actor) => setMapping(actor, { mapping: null }),
};

test.each(Object.entries(NOT_ASKED))('%s is asked none for', async (_, deed) => {
  const { acme, actor } = await setTheStage();
  await aged(actor.sessionId);
  expect(await deed(actor, acme)).toMatchObject({ ok: true });
});

test('the operator’s shell has no session to prove', async () => {
  const { acme } = await setTheStage();
  const operator: Actor = operatorOf(acme.tenant);
  expect(await changeRole(operator, { userId: acme.sam.id, role: 'tenant_admin' })).toMatchObject({ ok: true });
});
