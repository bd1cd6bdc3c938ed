import type { Tx } from '@/db/client';
import type { User } from '@/db/schema/users';
import type { Actor, Origin } from '@/lib/actor';
import { env } from '@/lib/env';
import { type SecurityEvent, securityMessage } from '@/lib/mail/messages/security';
import { enqueueMany } from '@/lib/mail/outbox';
import { deviceName } from '@/lib/sessions/device';
import { findTenant } from '@/lib/tenants/find';
import { nameOfActor } from './find';

/**
 * Mails the person what happened to their account, in the same transaction, so that the change never commits without its mail.
 */
export const tell = (tx: Tx, now: Date, user: Told & { tenantId: string }, event: SecurityEvent): Promise<void> =>
  tellMany(tx, now, user.tenantId, [{ user, event }]);

type Told = Pick<User, 'id' | 'email'>;

/** The same for many people of one tenant, in as many statements as for one. */
export async function tellMany(
  tx: Tx,
  now: Date,
  tenantId: string,
  told: { user: Told; event: SecurityEvent }[],
): Promise<void> {
  if (told.length === 0) return;
  const { name: tenantName } = await findTenant(tenantId, tx);
  const mails = told.map(({ user: { id: userId, email: address }, event }) => ({
    to: { userId, address },
    message: securityMessage(event, { tenantName, address, at: now, profileUrl: `${env().APP_URL}/profile` }),
  }));
  await enqueueMany(tx, now, tenantId, 'security', mails, null);
}

/** Mails only people who had access. An invited person's link just stops working. */
export async function tellAccessRemoved(tx: Tx, now: Date, actor: Actor, user: User): Promise<void> {
  if (user.status !== 'active') return;
  await tell(tx, now, user, { kind: 'access-removed', by: await nameOfActor(tx, actor) });
}

/** "Firefox on macOS (192.0.2.7)" */
export const placeOf = ({ ip, userAgent }: Origin): string => `${deviceName(userAgent)} (${ip ?? 'unknown address'})`;
