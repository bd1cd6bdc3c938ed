import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { confirmFirst } from '@/app/confirm-first';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { requireActor, requireSession } from '@/lib/auth/current-actor';
import { type BulkDeed, findMany, foresee, touched } from '@/lib/bulk';
import { findTenant } from '@/lib/tenants/find';
import { countAdmins } from '@/lib/users/last-admin';
import { REFUSALS } from '@/lib/users/refusals';
import { detailHref } from '../detail-href';
import type { RawParams } from '../search-params';
import { USERS_PATH } from '../view';
import { bulkAction } from './actions';
import { DEED_WORDS } from './deed-words';
import { selection, wholeView } from './selection';
import { touchedWords } from './touched-words';
import { WholeView } from './whole-view';

export const metadata: Metadata = { title: 'Selected people' };

/** Shows what a command would do to each selected person, before it runs. */
export default async function BulkPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const actor = await requireActor('tenant_admin');
  const raw = await searchParams;
  const confirmed = async (deed: BulkDeed) =>
    deed === 'make-admin' && (await confirmFirst(await requireSession(), `${USERS_PATH}/bulk?${toQuery(raw)}`));
  const whole = wholeView.safeParse(raw);
  if (whole.success) {
    await confirmed(whole.data.deed);
    return <WholeView actor={actor} view={whole.data} />;
  }
  const parsed = selection.safeParse(raw);
  // If "all" was chosen with an unreadable filter, do not continue with only the ticked rows.
  if (!parsed.success || raw.all !== undefined) redirect(USERS_PATH);
  await confirmed(parsed.data.deed);
  const { deed, ids } = parsed.data;
  // The page for one person asks to type the address instead of the number 1.
  if (deed === 'remove' && ids.length === 1) redirect(`${detailHref(String(ids[0]))}/remove`);
  const now = new Date();
  const [people, count, { saml }] = await Promise.all([
    findMany(actor.tenantId, ids),
    countAdmins(actor.tenantId),
    findTenant(actor.tenantId),
  ]);
  const admins = { count, saml };
  const foreseen = await foresee(actor, deed, people, admins, now);
  const willBe = foreseen.filter(({ refusal }) => refusal === null);
  const refused = foreseen.filter(({ refusal }) => refusal !== null);
  const consequences = touchedWords(await touched(actor.tenantId, deed, foreseen, admins, now));
  const words = DEED_WORDS[deed];
  const back = (label: string) => (
    <div className="form-actions">
      <ButtonLink href={USERS_PATH}>{label}</ButtonLink>
      {refused.some(({ refusal }) => refusal === 'own-turn') && (
        <ButtonLink href={`${detailHref(actor.userId)}/${deed === 'sign-out' ? 'sign-out' : 'role'}`}>
          Go on with yourself
        </ButtonLink>
      )}
    </div>
  );

  return (
    <>
      <PageHeader title={words.title} description={words.text} back={{ href: USERS_PATH, label: 'Users' }} />
      <Form action={bulkAction} whenDone={back('Back to the list')}>
        <input type="hidden" name="deed" value={deed} />
        {ids.map((id) => (
          <input key={id} type="hidden" name="ids" value={id} />
        ))}
        {willBe.length > 0 && (
          <Card>
            <CardHeader title={`${willBe.length} of ${ids.length} will be ${words.done}`} />
            {consequences.length > 0 && (
              <ul className="consequences">
                {consequences.map((consequence) => (
                  <li key={consequence}>{consequence}</li>
                ))}
              </ul>
            )}
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
            label={`Type ${ids.length}, the number of selected people, to confirm`}
            inputMode="numeric"
            autoComplete="off"
            required
          />
        )}
        {willBe.length > 0 && (
          <div className="form-actions">
            <Submit
              variant={words.danger ? 'danger' : 'primary'}
              busy="Under way …"
            >{`${words.button}: ${willBe.length}`}</Submit>
            <ButtonLink href={USERS_PATH}>Cancel</ButtonLink>
          </div>
        )}
        {willBe.length === 0 && back('Back to the list')}
      </Form>
    </>
  );
}

const toQuery = (raw: RawParams) =>
  new URLSearchParams(
    Object.entries(raw).flatMap(([name, given]) =>
      [given ?? []].flat().map((value): [string, string] => [name, value]),
    ),
  );
