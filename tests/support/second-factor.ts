import { eq } from 'drizzle-orm';
import { generate } from 'otplib';
import { db } from '@/db/client';
import { tenants } from '@/db/schema/tenants';
import type { User } from '@/db/schema/users';
import { asActor, type UserActor } from '@/lib/actor';
import { signInByPassword } from '@/lib/auth/sign-in';
import { finishTotp, shownTotpSecret, startTotp } from '@/lib/mfa/enrol';
import { findSession } from '@/lib/sessions/find';
import { FROM_TEST, PASSWORD, signedIn } from './cast';

/** A code of the step that lies so many steps from now: each step's code is good once. */
export const codeOf = (secret: string, steps = 0): Promise<string> =>
  generate({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });

/** Sets an authenticator app up for real, by the code of the step before this one. */
export async function withApp(user: User): Promise<{ secret: string; codes: string[]; actor: UserActor }> {
  const { actor } = await signedIn(user);
  await startTotp(actor);
  const secret = String(await shownTotpSecret(actor.sessionId));
  const outcome = await finishTotp(actor, { code: await codeOf(secret, -1) });
  if (!outcome.ok) throw new Error(outcome.refusal);
  return { secret, codes: outcome.value.codes, actor };
}

let address = 0;

/** The password is proven, at an address of its own: half a sign-in where a second factor is needed. */
export async function passwordProven(user: User): Promise<{ actor: UserActor; token: string }> {
  const origin = { ...FROM_TEST, ip: `203.0.113.${++address % 250}` };
  const outcome = await signInByPassword({ email: user.email, password: PASSWORD }, origin);
  if (!outcome.ok || !('session' in outcome.value)) throw new Error('not proven');
  const { session } = outcome.value;
  return { actor: asActor(user, session.sessionId, origin), token: session.token };
}

export const standingOf = async (token: string) => (await findSession(token))?.standing ?? null;

export const requireFactor = (tenantId: string, since: Date | null = new Date()) =>
  db.update(tenants).set({ mfaRequiredSince: since }).where(eq(tenants.id, tenantId));
