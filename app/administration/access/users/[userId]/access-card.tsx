import { Time } from '@/components/time';
import { Card, CardHeader } from '@/components/ui/card';
import type { User } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { wasRemovedByProvider } from '@/lib/users/find';
import type { SamlMode } from '@/lib/users/last-admin';
import {
  mayDeactivate,
  mayReactivate,
  mayRemove,
  mayResetSecondFactor,
  mayRestore,
  maySendPasswordReset,
  maySignOut,
  RESTORE_DAYS,
} from '@/lib/users/policy';
import { detailHref } from '../detail-href';
import { reactivateAction, restoreAction, sendPasswordResetAction, unlinkIdentityAction } from './actions';
import { DeedLink } from './deed-link';
import { PersonForm } from './person-form';

type Props = {
  actor: UserActor;
  user: User;
  saml: SamlMode;
  isToConnect: boolean;
  /** The provider has signed them in before. */
  isConnected: boolean;
  otherAdmins: number;
  /** For a removed person: whether another person has their address now. */
  addressHeld: boolean;
  now: Date;
  timeZone: string;
};

/** All commands that take access or restore it. */
export function AccessCard({
  isToConnect,
  isConnected,
  actor,
  user,
  saml,
  otherAdmins,
  addressHeld,
  now,
  timeZone,
}: Props) {
  const href = detailHref(user.id);
  if (user.status === 'removed') {
    return (
      <Card>
        <CardHeader
          title="Removed"
          description={
            <>
              {user.removedAt && <Time at={user.removedAt} now={now} timeZone={timeZone} style="relative" />}. Within{' '}
              {RESTORE_DAYS} days of the removal they can be restored; then they are erased.
              {releasedFromScim(user)}
            </>
          }
          actions={
            <PersonForm
              action={restoreAction}
              userId={user.id}
              label="Restore"
              refusal={mayRestore(actor, user, addressHeld, now)}
              variant="primary"
            />
          }
        />
      </Card>
    );
  }
  return (
    <Card>
      <CardHeader title="Access" description="What ends here ends at once, on the next request." />
      <ul className="deeds">
        <li>
          <p>
            Send a mail with a link to set a new password. When they use it, their sessions end and their API keys are
            revoked.
          </p>
          <PersonForm
            action={sendPasswordResetAction}
            userId={user.id}
            label="Send password reset"
            refusal={maySendPasswordReset(actor, user, saml, isToConnect)}
          />
        </li>
        <li>
          <p>Take away every second factor, for somebody who has lost theirs. Their sessions end.</p>
          <DeedLink
            href={`${href}/reset-second-factor`}
            label="Reset second factor"
            refusal={mayResetSecondFactor(actor, user)}
          />
        </li>
        {user.samlEnabled && (
          <li>
            <p>Forget by which identity the provider knows them, for somebody who got a new one there.</p>
            <PersonForm
              action={unlinkIdentityAction}
              userId={user.id}
              label="Disconnect SSO"
              refusal={isConnected ? null : 'no-link'}
            />
          </li>
        )}
        <li>
          <p>End all their sessions. They may sign in again.</p>
          <DeedLink href={`${href}/sign-out`} label="Force sign-out" refusal={maySignOut(actor, user)} />
        </li>
        {user.status === 'deactivated' ? (
          <li>
            <p>Let them sign in again.{undoneByScim(user)}</p>
            <PersonForm
              action={reactivateAction}
              userId={user.id}
              label="Reactivate"
              refusal={mayReactivate(actor, user)}
            />
          </li>
        ) : (
          <li>
            <p>Keep the account, but let nobody in with it.</p>
            <DeedLink
              href={`${href}/deactivate`}
              label="Deactivate"
              variant="danger"
              refusal={mayDeactivate(actor, user, otherAdmins)}
            />
          </li>
        )}
        <li>
          <p>Take them out of the list. For {RESTORE_DAYS} days they can be restored.</p>
          <DeedLink
            href={`${href}/remove`}
            label="Remove"
            variant="danger"
            refusal={mayRemove(actor, user, otherAdmins)}
          />
        </li>
      </ul>
    </Card>
  );
}

const undoneByScim = (user: User) =>
  user.profileManagedBy === 'scim' &&
  ' They are provisioned by SCIM: the identity provider may undo this at its next sync. Do it there too.';

const releasedFromScim = (user: User) =>
  wasRemovedByProvider(user) &&
  ' The identity provider removed them: restored here, they are no longer managed by it, unless it creates them again.';
