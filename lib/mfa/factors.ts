import { and, asc, eq } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { passkeys, totpFactors } from '@/db/schema/factors';
import { users } from '@/db/schema/users';
import { rowOf } from '@/lib/users/find';
import { countRecoveryCodes, dropRecoveryCodes } from './recovery-codes';

/** The factors that a person has set up. `users.mfa_enabled` is true if there are any; it is updated only here. */
type Whose = { id: string; tenantId: string };

export const totpOf = (user: Whose) => and(eq(totpFactors.tenantId, user.tenantId), eq(totpFactors.userId, user.id));
export const passkeysOf = (user: Whose) => and(eq(passkeys.tenantId, user.tenantId), eq(passkeys.userId, user.id));

export async function listFactors(user: Whose, on: Tx | typeof db = db) {
  const [totp] = await on
    .select({ createdAt: totpFactors.createdAt, lastUsedAt: totpFactors.lastUsedAt })
    .from(totpFactors)
    .where(totpOf(user));
  const keys = await on
    .select({
      id: passkeys.id,
      name: passkeys.name,
      backedUp: passkeys.backedUp,
      createdAt: passkeys.createdAt,
      lastUsedAt: passkeys.lastUsedAt,
    })
    .from(passkeys)
    .where(passkeysOf(user))
    .orderBy(asc(passkeys.id));
  return { totp: totp ?? null, passkeys: keys, recoveryCodes: await countRecoveryCodes(user, on) };
}

export type Factors = Awaited<ReturnType<typeof listFactors>>;

/** The name used in mails and audit entries. */
export const passkeyName = (name: string): string => `The passkey “${name}”`;
export const TOTP_NAME = 'An authenticator app';

/** Call after changing the rows. If no factor is left, the recovery codes are deleted too: there is nothing to recover. */
export async function settleFactors(tx: Tx, user: Whose): Promise<{ mfaEnabled: boolean }> {
  const { totp, passkeys: keys } = await listFactors(user, tx);
  const mfaEnabled = totp !== null || keys.length > 0;
  await tx.update(users).set({ mfaEnabled }).where(rowOf(user));
  if (!mfaEnabled) await dropRecoveryCodes(tx, user);
  return { mfaEnabled };
}
