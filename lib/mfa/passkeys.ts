import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { and, eq, gt, isNull } from 'drizzle-orm';
import { z } from 'zod';
import { db, type Tx } from '@/db/client';
import { passkeyChallenges, type passkeyPurpose, passkeys } from '@/db/schema/factors';
import { acrossTenants } from '@/db/tenant-wall';
import { hashToken } from '@/lib/crypto/tokens';
import { env } from '@/lib/env';
import { passkeysOf } from './factors';

/**
 * WebAuthn (W3C, Level 3) by a library. Our part: a challenge is valid once, for five minutes, for one purpose, and only in the
 * session that requested it. The relying party is the host of APP_URL.
 */
export type Purpose = (typeof passkeyPurpose.enumValues)[number];
const MINUTES = 5;
type Whose = { id: string; tenantId: string };

const relyingParty = () => {
  const { hostname, origin } = new URL(env().APP_URL);
  return { rpID: hostname, origin };
};

async function keepChallenge(challenge: string, purpose: Purpose, sessionId: string | null, now = new Date()) {
  const expiresAt = new Date(now.getTime() + MINUTES * 60_000);
  await db.insert(passkeyChallenges).values({ challengeHash: hashToken(challenge), purpose, sessionId, expiresAt });
}

/** True once, for the challenge issued to this session for this purpose. */
const spendChallenge = (tx: Tx, now: Date, purpose: Purpose, sessionId: string | null) => async (challenge: string) => {
  const spent = await tx
    .delete(passkeyChallenges)
    .where(
      and(
        eq(passkeyChallenges.challengeHash, hashToken(challenge)),
        eq(passkeyChallenges.purpose, purpose),
        sessionId === null ? isNull(passkeyChallenges.sessionId) : eq(passkeyChallenges.sessionId, sessionId),
        gt(passkeyChallenges.expiresAt, now),
      ),
    )
    .returning({ purpose: passkeyChallenges.purpose });
  return spent.length === 1;
};

/** Options for creating a passkey in the browser. The user handle is the person's id, which identifies nobody to a stranger. */
export async function registrationOptions(user: Whose & { email: string; name: string }, sessionId: string) {
  const own = await db
    .select({ id: passkeys.credentialId, transports: passkeys.transports })
    .from(passkeys)
    .where(passkeysOf(user));
  const options = await generateRegistrationOptions({
    rpName: 'Rollcall',
    rpID: relyingParty().rpID,
    userName: user.email,
    userDisplayName: user.name,
    userID: new TextEncoder().encode(user.id),
    excludeCredentials: own,
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  });
  await keepChallenge(options.challenge, 'register', sessionId);
  return options;
}

/** A key that replaces the password must verify its user, by fingerprint or PIN. As a second factor, possession is enough. */
const verification = (purpose: Purpose) => (purpose === 'second-factor' ? 'preferred' : 'required');

/** `of`: the person whose keys may answer; without it, anybody's. */
export async function authenticationOptions(
  purpose: Exclude<Purpose, 'register'>,
  sessionId: string | null,
  of?: Whose,
) {
  const own = of
    ? await db
        .select({ id: passkeys.credentialId, transports: passkeys.transports })
        .from(passkeys)
        .where(passkeysOf(of))
    : [];
  const options = await generateAuthenticationOptions({
    rpID: relyingParty().rpID,
    userVerification: verification(purpose),
    ...(of ? { allowCredentials: own } : {}),
  });
  await keepChallenge(options.challenge, purpose, sessionId);
  return options;
}

const base64url = z.string().max(20_000);
const answered = z
  .string()
  .max(60_000)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('This is no answer of a passkey.');
      return z.NEVER;
    }
  })
  .pipe(z.looseObject({ id: base64url, rawId: base64url, type: z.literal('public-key'), response: z.looseObject({}) }));

/** A browser's answer as submitted by a form. Its content is trusted only after the signature is verified. */
export const passkeyAnswerField = answered;
export type PasskeyAnswer = z.output<typeof answered>;

/** The new credential, or null if verification fails. */
export async function verifyRegistration(tx: Tx, now: Date, answer: PasskeyAnswer, sessionId: string) {
  const { rpID, origin } = relyingParty();
  const result = await verifyRegistrationResponse({
    response: answer as unknown as RegistrationResponseJSON,
    expectedChallenge: spendChallenge(tx, now, 'register', sessionId),
    expectedOrigin: origin,
    expectedRPID: rpID,
    // A key that cannot verify its user is a valid second factor, but cannot sign in alone.
    requireUserVerification: false,
  }).catch(() => null);
  if (!result?.verified) return null;
  const { credential, credentialBackedUp } = result.registrationInfo;
  return {
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: credential.transports ?? [],
    backedUp: credentialBackedUp,
  };
}

/** The owner of the key named in an answer that is not verified yet. Null for an unknown key. */
export async function ownerOf(answer: PasskeyAnswer): Promise<Whose | null> {
  const [key] = await acrossTenants(() =>
    db
      .select({ id: passkeys.userId, tenantId: passkeys.tenantId })
      .from(passkeys)
      .where(eq(passkeys.credentialId, answer.id)),
  );
  return key ?? null;
}

type Asked = { of: Whose; purpose: Exclude<Purpose, 'register'>; sessionId: string | null };

/**
 * True if this person's key has signed the issued challenge. The row is locked, so that a counter that goes backwards (a copied
 * key) is detected even with two concurrent answers.
 */
export async function verifyPasskey(
  tx: Tx,
  now: Date,
  answer: PasskeyAnswer,
  { of, purpose, sessionId }: Asked,
): Promise<boolean> {
  const { rpID, origin } = relyingParty();
  const [key] = await tx
    .select()
    .from(passkeys)
    .where(and(passkeysOf(of), eq(passkeys.credentialId, answer.id)))
    .for('update');
  if (!key) return false;
  const result = await verifyAuthenticationResponse({
    response: answer as unknown as AuthenticationResponseJSON,
    expectedChallenge: spendChallenge(tx, now, purpose, sessionId),
    expectedOrigin: origin,
    expectedRPID: rpID,
    credential: {
      id: key.credentialId,
      publicKey: new Uint8Array(Buffer.from(key.publicKey, 'base64url')),
      counter: key.counter,
    },
    requireUserVerification: verification(purpose) === 'required',
  }).catch(() => null);
  if (!result?.verified) return false;
  await tx
    .update(passkeys)
    .set({ counter: result.authenticationInfo.newCounter, lastUsedAt: now })
    .where(and(passkeysOf(of), eq(passkeys.id, key.id)));
  return true;
}
