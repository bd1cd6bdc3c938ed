import Link from 'next/link';
import { counted } from '@/lib/counted';
import { MANY, type WaysIn } from '@/lib/users/ways-in';

const USERS = '/administration/access/users';
const SAML = '/administration/access/saml';

const people = (n: number) => (n >= MANY ? `${MANY} or more people` : counted(n, 'person', 'people'));
const some = (n: number) => (n >= MANY ? `${MANY} or more` : n === 0 ? 'nobody' : `${n}`);

function whoCan({ admins, withoutProvider, saml }: WaysIn): string {
  const all = `${people(admins)} can administer this tenant`;
  if (saml === 'off') return `${all}.`;
  return admins >= MANY && withoutProvider >= MANY
    ? `${all}, as many without the identity provider.`
    : `${all}, ${some(withoutProvider)} without the identity provider.`;
}

/** A warning if the tenant is one step from a lock-out, with a link that remedies it; else null. */
function oneStepFrom({ admins, withoutProvider, saml }: WaysIn) {
  if (admins <= 1)
    return {
      words: 'One step from a lock-out.',
      deed: { href: `${USERS}/invite` as const, label: 'Invite another admin' },
    };
  if (saml === 'off' || withoutProvider > 1) return null;
  const words =
    withoutProvider === 1
      ? 'One step from a lock-out when the identity provider is down.'
      : 'Locked out when the identity provider is down.';
  const deed =
    saml === 'required'
      ? { href: `${SAML}/require` as const, label: 'Name break-glass admins' }
      : { href: `${USERS}/invite` as const, label: 'Invite an admin with a password' };
  return { words, deed };
}

/** Shows how many people can administer the tenant, with and without its identity provider. */
export function LockOutMeter({ ways }: { ways: WaysIn }) {
  const danger = oneStepFrom(ways);
  return (
    <p className="meter" data-tone={danger ? 'danger' : undefined}>
      {danger && <strong>{danger.words} </strong>}
      {whoCan(ways)}
      {danger && (
        <>
          {' '}
          <Link href={danger.deed.href} prefetch={false}>
            {danger.deed.label}
          </Link>
        </>
      )}
    </p>
  );
}
