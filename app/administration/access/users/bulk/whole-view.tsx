import type { z } from 'zod';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { newId } from '@/db/id';
import type { UserActor } from '@/lib/actor';
import { foreseeMatching } from '@/lib/jobs/foresee';
import { REFUSALS } from '@/lib/users/refusals';
import { people } from '../jobs/job-words';
import { JOBS_PATH } from '../jobs/path';
import { filterWords } from '../users-filters';
import { USERS_PATH } from '../view';
import { wholeViewAction } from './actions';
import { DEED_WORDS } from './deed-words';
import type { wholeView } from './selection';
import { touchedWords } from './touched-words';

type Props = { actor: UserActor; view: z.output<typeof wholeView> };

/** Shows what a command would do to everybody who matches, in exact numbers, before a job runs it. */
export async function WholeView({ actor, view }: Props) {
  const { deed, all: _, ...filters } = view;
  const { total, willBe, refused, touched } = await foreseeMatching(actor, deed, filters, new Date());
  const words = DEED_WORDS[deed];
  const consequences = touchedWords(touched);
  const given = Object.entries(view).filter(([, value]) => value !== undefined);
  return (
    <>
      <PageHeader
        title={words.title}
        description={words.text}
        back={{ href: USERS_PATH, label: 'Users' }}
        actions={<ButtonLink href={JOBS_PATH}>Jobs</ButtonLink>}
      />
      <Form action={wholeViewAction}>
        {[...given, ['jobId', newId()], ['seen', total]].map(([name, value]) => (
          <input key={name} type="hidden" name={String(name)} value={String(value)} />
        ))}
        <Card>
          <CardHeader
            title={`${willBe.toLocaleString('en')} of ${total.toLocaleString('en')} will be ${words.done}`}
            description={`Everybody who is in the list now: ${filterWords(filters)}. Who joins it later is not concerned.`}
          />
          {willBe > 0 && consequences.length > 0 && (
            <ul className="consequences">
              {consequences.map((consequence) => (
                <li key={consequence}>{consequence}</li>
              ))}
            </ul>
          )}
        </Card>
        {refused.size > 0 && (
          <Card>
            <CardHeader title={`${(total - willBe).toLocaleString('en')} will be left as they are`} />
            <ul className="consequences">
              {[...refused].map(([refusal, n]) => (
                <li key={refusal}>
                  {people(n)} for this reason: {REFUSALS[refusal]}
                </li>
              ))}
            </ul>
          </Card>
        )}
        {words.danger && willBe > 0 && (
          <Field
            name="typed"
            label={`Type ${total.toLocaleString('en')}, the number of selected people, to confirm`}
            inputMode="numeric"
            autoComplete="off"
            required
          />
        )}
        <div className="form-actions">
          {willBe > 0 && (
            <Submit variant={words.danger ? 'danger' : 'primary'} busy="Beginning …">
              {`${words.button}: ${willBe.toLocaleString('en')}`}
            </Submit>
          )}
          <ButtonLink href={USERS_PATH}>{willBe > 0 ? 'Cancel' : 'Back to the list'}</ButtonLink>
        </div>
      </Form>
    </>
  );
}
