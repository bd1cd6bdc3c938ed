import type { Metadata } from 'next';
import { Field, TextAreaField } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { SizeGuard } from '@/components/form/size-guard';
import { ButtonLink } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { BATCH_MOST } from '@/lib/invitations/parse-batch';
import { textOfDraft } from '@/lib/jobs/draft-text';
import { idField } from '@/lib/users/fields';
import { JOBS_PATH } from '../jobs/path';
import { RoleField } from '../role-field';
import type { RawParams } from '../search-params';
import { USERS_PATH } from '../view';
import { importAction } from './actions';
import { MOST_BYTES, TOO_MUCH } from './most-bytes';

export const metadata: Metadata = { title: 'Invite many' };

/** `?from=` is the id of a draft whose list is to be edited. */
export default async function ImportPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const { tenantId } = await requireSession('tenant_admin');
  const from = idField.safeParse((await searchParams).from);
  const draft = from.success ? await textOfDraft(tenantId, from.data) : null;
  return (
    <div className="narrow">
      <PageHeader
        title="Invite many"
        description="Each row gets a verdict before anything is sent."
        back={{ href: USERS_PATH, label: 'Users' }}
        actions={<ButtonLink href={JOBS_PATH}>Jobs</ButtonLink>}
      />
      <Form action={importAction}>
        <Card>
          <TextAreaField
            name="text"
            label="Addresses or CSV"
            hint={`One person a line, at most ${BATCH_MOST.toLocaleString('en')}. An address alone is enough; or e-mail, first name, last name, role.`}
            spellCheck={false}
            defaultValue={draft?.text ?? ''}
          />
          <Field name="file" label="Or a CSV file" type="file" accept=".csv,.txt,text/csv,text/plain" />
          <RoleField legend="Role of somebody new, where a row names none" value={draft?.role ?? 'standard_user'} />
          <SizeGuard mostBytes={MOST_BYTES} words={TOO_MUCH} />
          <div className="form-actions">
            <Submit busy="Checking …">Check the list</Submit>
            <ButtonLink href={USERS_PATH}>Cancel</ButtonLink>
          </div>
        </Card>
      </Form>
    </div>
  );
}
