import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { Form, Submit } from '@/components/form/form';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { settingWords } from '@/lib/audit/sentence';
import { requireSession } from '@/lib/auth/current-actor';
import { counted } from '@/lib/counted';
import { findTenant } from '@/lib/tenants/find';
import { changedSettings, foreseeSettings, settingsOf, versionOf } from '@/lib/users/security-settings';
import { saveSettingsAction } from '../actions';
import { SECURITY_PATH, settingsInput, settingsParams } from '../settings-input';

export const metadata: Metadata = { title: 'Review the change' };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function ReviewPage({ searchParams }: Props) {
  const session = await requireSession('tenant_admin');
  const parsed = settingsInput.safeParse(await searchParams);
  if (!parsed.success) redirect(SECURITY_PATH);
  const tenant = await findTenant(session.tenantId);
  const before = settingsOf(tenant);
  const changed = changedSettings(before, parsed.data);
  const names = Object.keys(changed) as (keyof typeof changed)[];
  const foreseen = await foreseeSettings(tenant, parsed.data);
  const back = { href: SECURITY_PATH, label: 'Security' };
  if (names.length === 0)
    return (
      <div className="narrow">
        <PageHeader title="Nothing would change" description="These are the settings as they are." back={back} />
      </div>
    );
  return (
    <div className="narrow">
      <PageHeader title="Review the change" description="Nothing is saved yet." back={back} />
      <div className="stack">
        <Card>
          <CardHeader title="What changes" />
          <DefinitionList
            items={names.map((name) => ({
              term: settingWords({ [name]: before[name] }),
              value: `→ ${settingWords({ [name]: changed[name] })}`,
            }))}
          />
        </Card>
        <Card>
          <CardHeader title="What that means" />
          <ul className="consequences">
            {changed.mfaRequired === true && <Enrolling {...foreseen} />}
            {changed.mfaRequired === false && <li>Second factors that are set up stay, and are still asked for.</li>}
            <li>{sessionWords(foreseen.sessionsEnding, foreseen.endsSession(session.sessionId))}</li>
            {changed.invitationHours !== undefined && <li>Invitations that are open keep the expiry they have.</li>}
          </ul>
          <Form action={saveSettingsAction}>
            {Object.entries(settingsParams(parsed.data)).map(([name, value]) => (
              <input key={name} type="hidden" name={name} value={value} />
            ))}
            <input type="hidden" name="seen" value={versionOf(before)} />
            <div className="form-actions">
              <Submit variant={foreseen.sessionsEnding > 0 ? 'danger' : 'primary'}>Save</Submit>
              <ButtonLink href={SECURITY_PATH}>Cancel</ButtonLink>
            </div>
          </Form>
        </Card>
      </div>
    </div>
  );
}

type Foreseen = Pick<Awaited<ReturnType<typeof foreseeSettings>>, 'enrolling' | 'enrollingAdmins' | 'examples'>;

function Enrolling({ enrolling, enrollingAdmins, examples }: Foreseen) {
  if (enrolling === 0) return <li>Everybody who signs in by password has a second factor already.</li>;
  const more = enrolling - examples.length;
  return (
    <li>
      {counted(enrolling, 'person has', 'people have')} none and will set one up at the next sign-in:{' '}
      {examples.join(', ')}
      {more > 0 && ` and ${more} more`}. {adminsAmong(enrolling, enrollingAdmins)} Their sessions of now go on.
    </li>
  );
}

function adminsAmong(all: number, admins: number): string {
  if (admins === 0) return 'No admin is among them.';
  if (all === 1) return 'It is an admin.';
  if (admins === all) return 'All are admins.';
  return admins === 1 ? 'One of them is an admin.' : `${admins} of them are admins.`;
}

const sessionWords = (n: number, own: boolean): string =>
  n === 0
    ? 'No session ends by it.'
    : `${counted(n, 'session ends', 'sessions end')} at once${own ? ', yours among them' : ''}.`;
