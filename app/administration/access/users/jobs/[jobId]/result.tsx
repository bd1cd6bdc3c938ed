import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import { Pagination } from '@/components/ui/pagination';
import type { Job, JobRow } from '@/db/schema/jobs';
import { counted } from '@/lib/counted';
import { resultOf } from '@/lib/jobs/export';
import { countLeftOut, pageOfRows, readRows } from '@/lib/jobs/read';
import { people } from '../job-words';
import { jobHref } from '../path';
import { ROWS_SHOWN } from '../review-limits';
import { type RowsView, rowsHref } from './rows-view';

/** The most unsent rows listed on the page. */
const LEFT_OUT_SHOWN = 50;

/** Lists who was left unchanged and why, and which rows of a list were not sent. Everything else is in the file. */
export async function Result({ job, view }: { job: Job; view: RowsView }) {
  const [{ rows, before, after }, leftOut, unsent] = await Promise.all([
    pageOfRows(job, 'not-done', view, ROWS_SHOWN),
    job.deed === 'invite' ? countLeftOut(job) : 0,
    job.deed === 'invite' ? readRows(job, 'left-out', {}, LEFT_OUT_SHOWN) : [],
  ]);
  return (
    <Card>
      <CardHeader
        title={job.refused > 0 ? `${people(job.refused)} left as they were` : 'The result'}
        description="The file has every row with what became of it."
        actions={
          <form method="post" action={`${jobHref(job.id)}/export`}>
            <Button type="submit">Download the result</Button>
          </form>
        }
      />
      {rows.length > 0 && (
        <>
          <Reasons label="Left as they were" job={job} rows={rows} />
          <Pagination
            summary={`${rows.length} of ${job.refused.toLocaleString('en')}`}
            previousHref={before ? rowsHref(job.id, { before }) : undefined}
            nextHref={after ? rowsHref(job.id, { after }) : undefined}
          />
        </>
      )}
      {unsent.length > 0 && (
        <>
          <CardHeader
            title={`${counted(leftOut, 'row was', 'rows were')} not sent`}
            description={
              leftOut > unsent.length
                ? `Left out when the list was confirmed. The first ${unsent.length} stand here, all of them in the file.`
                : 'Left out when the list was confirmed.'
            }
          />
          <Reasons label="Not sent" job={job} rows={unsent} />
        </>
      )}
    </Card>
  );
}

type ReasonsProps = { label: string; job: Job; rows: JobRow[] };

const Reasons = ({ label, job, rows }: ReasonsProps) => (
  <DataTable label={label}>
    <thead>
      <tr>
        {job.deed === 'invite' && <th scope="col">Line</th>}
        <th scope="col">Email</th>
        <th scope="col">Why</th>
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr key={row.number}>
          {job.deed === 'invite' && <td data-label="Line">{row.given?.line ?? row.number}</td>}
          <td title={row.email}>{row.email}</td>
          <td data-label="Why" className="in-words">
            {resultOf(job, row).reason}
          </td>
        </tr>
      ))}
    </tbody>
  </DataTable>
);
