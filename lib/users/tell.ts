import type { Tx } from '@/db/client';
import type { User } from '@/db/schema/users';
import type { Actor, Origin } from '@/lib/actor';
import { env } from '@/lib/env';
import { type SecurityEvent, securityMessage } from '@/lib/mail/messages/security';
import { enqueue } from '@/lib/mail/outbox';
import { deviceName } from '@/lib/sessions/device';
import { findTenant } from '@/lib/tenants/find';
import { nameOfActor } from './find';

/** Mails the person what happened to their account, in the transaction in which it happens: no deed without its mail. */
export async function tell(
  tx: Tx,
  now: Date,
  user: Pick<User, 'id' | 'tenantId' | 'email'>,
  event: SecurityEvent,
): Promise<void> {
  const { name: tenantName } = await findTenant(user.tenantId, tx);
  const about = { tenantName, address: user.email, at: now, profileUrl: `${env().APP_URL}/profile` };
  const to = { tenantId: user.tenantId, userId: user.id, address: user.email };
  await enqueue(tx, now, to, 'security', securityMessage(event, about));
}

/** Only somebody who had access is told that it ended: an invited person's link just stops working. */
export async function tellAccessRemoved(tx: Tx, now: Date, actor: Actor, user: User): Promise<void> {
  if (user.status !== 'active') return;
  const { name } = await findTenant(user.tenantId, tx);
  await tell(tx, now, user, { kind: 'access-removed', by: await nameOfActor(tx, actor, name) });
}

/** "Firefox on macOS (192.0.2.7)" */
export const placeOf = ({ ip, userAgent }: Origin): string => `${deviceName(userAgent)} (${ip ?? 'unknown address'})`;
