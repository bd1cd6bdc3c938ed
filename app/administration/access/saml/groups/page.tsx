import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { confirmFirst } from '@/app/confirm-first';
import { Field, TextAreaField } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { Card, CardHeader } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { ROLE_NAMES } from '@/lib/actor';
import { requireSession } from '@/lib/auth/current-actor';
import { counted } from '@/lib/counted';
import { findConnection } from '@/lib/saml/connection';
import { foreseeMapping, readMapping, versionOf } from '@/lib/saml/groups';
import { mappingAction, reviewMappingAction } from '../actions';
import { mappingInput } from '../input';
import { SAML_PATH } from '../saml-path';

export const metadata: Metadata = { title: 'Group mapping' };

type Props = { searchParams: Promise<{ attribute?: string; groups?: string; seen?: string | string[] }> };

/** The mapping, and a dry run before it is saved: what it would change for the people whose groups are known. */
export default async function GroupsPage({ searchParams }: Props) {
  const session = await requireSession('tenant_admin');
  await confirmFirst(session, `${SAML_PATH}/groups`);
  const { tenantId } = session;
  if (!(await findConnection(tenantId))) redirect(SAML_PATH);
  const { attribute, groups, seen: begun } = await searchParams;
  const given =
    attribute === undefined ? null : mappingInput.safeParse({ groupAttribute: attribute, adminGroups: groups ?? '' });
  const now = await readMapping(tenantId);
  const shown = given?.success ? given.data.mapping : now;
  // The mapping's version when editing began; the URL carries it through the dry run.
  const seen = typeof begun === 'string' ? begun : versionOf(now);
  return (
    <div className="narrow">
      <PageHeader
        title="Group mapping"
        description="Which groups of the provider make Tenant Admins."
        back={{ href: SAML_PATH, label: 'SAML Setup' }}
      />
      <div className="stack">
        <Card>
          <Form action={reviewMappingAction}>
            <input type="hidden" name="seen" value={seen} />
            <Field
              name="groupAttribute"
              label="Attribute with the groups"
              hint="Such as groups (Okta), http://schemas.microsoft.com/ws/2008/06/identity/claims/groups (Entra ID). Empty: roles are changed here."
              defaultValue={shown?.groupAttribute ?? ''}
              spellCheck={false}
            />
            <TextAreaField
              name="adminGroups"
              label="Groups whose people are Tenant Admins"
              hint="One in each line, exactly as the provider sends it. Everybody in none of them becomes a Standard User."
              rows={4}
              defaultValue={shown?.adminGroups.join('\n') ?? ''}
              spellCheck={false}
            />
            <div className="form-actions">
              <Submit variant="secondary">Show what it would do</Submit>
            </div>
          </Form>
        </Card>
        {given?.success && <DryRun tenantId={tenantId} mapping={given.data.mapping} seen={seen} />}
      </div>
    </div>
  );
}

type Drafted = { tenantId: string; mapping: Awaited<ReturnType<typeof readMapping>>; seen: string };

async function DryRun({ tenantId, mapping, seen }: Drafted) {
  const lines = mapping
    ? await words(tenantId, mapping)
    : ['Everybody keeps the role they have, and roles are changed here again.'];
  return (
    <Card>
      <CardHeader
        title="What it would do"
        description="By the groups that were sent last. It takes effect at each person’s next sign-in."
      />
      <ul className="consequences">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Form action={mappingAction}>
        <input type="hidden" name="seen" value={seen} />
        <input type="hidden" name="groupAttribute" value={mapping?.groupAttribute ?? ''} />
        <input type="hidden" name="adminGroups" value={mapping?.adminGroups.join('\n') ?? ''} />
        <div className="form-actions">
          <Submit>Save the mapping</Submit>
        </div>
      </Form>
    </Card>
  );
}

const people = (n: number) => counted(n, 'person', 'people');
const madeOf = (n: number, role: string) => `${people(n)} ${n === 1 ? `a ${role}` : `${role}s`}`;
const some = (emails: string[]) =>
  emails.length === 0
    ? ''
    : `: ${emails.slice(0, 10).join(', ')}${emails.length > 10 ? ` and ${emails.length - 10} more` : ''}`;

async function words(tenantId: string, mapping: Parameters<typeof foreseeMapping>[1]): Promise<string[]> {
  const { up, down, refused, unchanged, unknown } = await foreseeMapping(tenantId, mapping);
  return [
    `It would make ${madeOf(up.length, ROLE_NAMES.tenant_admin)}${some(up)}.`,
    `It would make ${madeOf(down.length, ROLE_NAMES.standard_user)}${some(down)}.`,
    ...(refused > 0 ? [`${refused} of these would be refused: the last Tenant Admin who can sign in stays one.`] : []),
    `${people(unchanged)} would keep their role.`,
    ...(unknown > 0 ? [`Of ${people(unknown)} the groups are not known yet: they are read at the next sign-in.`] : []),
  ];
}
