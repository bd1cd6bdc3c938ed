import { Form, Submit } from '@/components/form/form';
import { NoEnter } from '@/components/form/no-enter';
import { TickField } from '@/components/form/tick-field';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { Pagination } from '@/components/ui/pagination';
import type { Job } from '@/db/schema/jobs';
import { counted } from '@/lib/counted';
import type { Verdict } from '@/lib/invitations/check-batch';
import { countVerdicts, pageOfRows, readRows } from '@/lib/jobs/read';
import { USERS_PATH } from '../../view';
import { beginImportAction } from '../actions';
import { people } from '../job-words';
import { BOXES_MOST, ROWS_SHOWN, SMALL_LIST } from '../review-limits';
import { ListRows, VERDICT_LOOK } from './list-rows';
import { type RowsView, rowsHref } from './rows-view';

const TO_LOOK_AT: Verdict[] = ['role-account', 'domain-typo'];

/**
 * A list with its verdicts, before anything is sent. In a short list each row has a checkbox. In a long one new people are
 * chosen as a whole, and only doubtful rows have checkboxes.
 */
export async function Review({ job, view }: { job: Job; view: RowsView }) {
  const counts = await countVerdicts(job);
  const of = (verdict: Verdict) => counts.get(verdict) ?? 0;
  const isShort = job.total <= SMALL_LIST;
  const boxed = await readRows(job, isShort ? 'all' : { verdicts: TO_LOOK_AT }, {}, BOXES_MOST);
  const doubtful = of('role-account') + of('domain-typo') + of('already-invited');
  const unseen = isShort ? 0 : of('role-account') + of('domain-typo') - boxed.length;
  const role = job.newcomerRole ?? 'standard_user';
  return (
    <>
      <Form action={beginImportAction}>
        <NoEnter />
        <input type="hidden" name="jobId" value={job.id} />
        <Card>
          <CardHeader
            title={`${of('new').toLocaleString('en')} of ${job.total.toLocaleString('en')} can be invited`}
            description={`Nothing has been sent yet.${doubtful > 0 ? ` ${counted(doubtful, 'row is', 'rows are')} doubtful: choose what is right.` : ''}`}
          />
          {!isShort && of('new') > 0 && (
            <TickField
              name="verdicts"
              value="new"
              label={`Invite ${people(of('new'))} not known here yet`}
              defaultChecked
            />
          )}
          {!isShort && of('already-invited') > 0 && (
            <TickField
              name="verdicts"
              value="already-invited"
              label={`Invite ${people(of('already-invited'))} again, invited already`}
              hint="They get a new link, and the old one stops working."
              defaultChecked={false}
            />
          )}
          {boxed.length > 0 && <ListRows rows={boxed} role={role} label="Rows to choose" withBoxes />}
          {unseen > 0 && (
            <p className="hint">{`${people(unseen)} more ${unseen === 1 ? 'looks doubtful and is' : 'look doubtful and are'} left out.`}</p>
          )}
          <div className="form-actions">
            <Submit busy="Sending …">Send the invitations</Submit>
            <ButtonLink href={`${USERS_PATH}/import?from=${job.id}`}>Change the list</ButtonLink>
            <ButtonLink href={USERS_PATH} variant="quiet">
              Cancel
            </ButtonLink>
          </div>
        </Card>
      </Form>
      {!isShort && <WholeList job={job} view={view} counts={counts} />}
    </>
  );
}

type WholeProps = { job: Job; view: RowsView; counts: Map<string, number> };

async function WholeList({ job, view, counts }: WholeProps) {
  const { verdict } = view;
  const page = await pageOfRows(job, verdict ? { verdicts: [verdict] } : 'all', view, ROWS_SHOWN);
  const total = verdict ? (counts.get(verdict) ?? 0) : job.total;
  return (
    <Card>
      <CardHeader title="The whole list" />
      <nav className="actions" aria-label="Verdicts">
        <ButtonLink href={rowsHref(job.id, {})} size="small" aria-current={verdict === undefined ? 'true' : undefined}>
          All
        </ButtonLink>
        {[...counts].map(([each, n]) => (
          <ButtonLink
            key={each}
            href={rowsHref(job.id, { verdict: each })}
            size="small"
            aria-current={each === verdict ? 'true' : undefined}
          >
            {`${VERDICT_LOOK[each as Verdict].words}: ${n.toLocaleString('en')}`}
          </ButtonLink>
        ))}
      </nav>
      <ListRows rows={page.rows} role={job.newcomerRole ?? 'standard_user'} label="Rows of the list" />
      <Pagination
        summary={`${page.rows.length} of ${total.toLocaleString('en')}`}
        previousHref={page.before ? rowsHref(job.id, { verdict, before: page.before }) : undefined}
        nextHref={page.after ? rowsHref(job.id, { verdict, after: page.after }) : undefined}
      />
    </Card>
  );
}
