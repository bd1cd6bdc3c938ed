import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { z } from 'zod';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { requireActor } from '@/lib/auth/current-actor';
import { BULK_DEEDS, BULK_MOST, findMany, foresee } from '@/lib/bulk';
import { findTenant } from '@/lib/tenants/find';
import { countSessions } from '@/lib/users/consequences';
import { idField } from '@/lib/users/fields';
import { countAdmins } from '@/lib/users/last-admin';
import { REFUSALS } from '@/lib/users/refusals';
import { type RawParams, USERS_PATH } from '../search-params';
import { bulkAction } from './actions';
import { DEED_WORDS } from './deed-words';

export const metadata: Metadata = { title: 'Selected people' };

const chosen = z.object({
  deed: z.enum(BULK_DEEDS),
  ids: z.preprocess((ids) => (Array.isArray(ids) ? ids : [ids]), z.array(idField).min(1).max(BULK_MOST)),
});

/** What a deed would do to each of the selected people, before it is done. */
export default async function BulkPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const actor = await requireActor('tenant_admin');
  const parsed = chosen.safeParse(await searchParams);
  if (!parsed.success) redirect(USERS_PATH);
  const { deed, ids } = parsed.data;
  const people = await findMany(actor.tenantId, ids);
  const { saml } = await findTenant(actor.tenantId);
  const admins = { count: await countAdmins(actor.tenantId), saml };
  const foreseen = foresee(actor, deed, people, admins, new Date());
  const willBe = foreseen.filter(({ refusal }) => refusal === null);
  const refused = foreseen.filter(({ refusal }) => refusal !== null);
  const words = DEED_WORDS[deed];
  const endsSessions = deed === 'deactivate' || deed === 'remove' || deed === 'sign-out';
  const sessions = endsSessions
    ? await countSessions(
        actor.tenantId,
        willBe.map(({ user }) => user.id),
      )
    : 0;

  return (
    <>
      <PageHeader title={words.title} description={words.text} back={{ href: USERS_PATH, label: 'Users' }} />
      <Form action={bulkAction} whenDone={<ButtonLink href={USERS_PATH}>Back to the list</ButtonLink>}>
        <input type="hidden" name="deed" value={deed} />
        {ids.map((id) => (
          <input key={id} type="hidden" name="ids" value={id} />
        ))}
        {willBe.length > 0 && (
          <Card>
            <CardHeader
              title={`${willBe.length} of ${ids.length} will be ${words.done}`}
              description={
                endsSessions ? `${sessions} ${sessions === 1 ? 'session ends' : 'sessions end'} at once.` : undefined
              }
            />
            <ul className="people-list">
              {willBe.map(({ user }) => (
                <li key={user.id}>{user.email}</li>
              ))}
            </ul>
          </Card>
        )}
        {refused.length > 0 && (
          <Card>
            <CardHeader title={`${refused.length} will be left as they are`} />
            <ul className="people-list">
              {refused.map(({ user, refusal }) => (
                <li key={user.id}>
                  {user.email}: {refusal && REFUSALS[refusal]}
                </li>
              ))}
            </ul>
          </Card>
        )}
        {deed === 'remove' && willBe.length > 0 && (
          <Field
            name="typed"
            label={`Type the number of selected people (${ids.length}) to confirm`}
            inputMode="numeric"
            autoComplete="off"
            required
          />
        )}
        <div className="form-actions">
          {willBe.length > 0 && (
            <Submit variant={words.danger ? 'danger' : 'primary'}>{`${words.button}: ${willBe.length}`}</Submit>
          )}
          <ButtonLink href={USERS_PATH}>Cancel</ButtonLink>
        </div>
      </Form>
    </>
  );
}
