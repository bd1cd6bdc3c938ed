import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import { Pagination } from '@/components/ui/pagination';
import type { Job } from '@/db/schema/jobs';
import { resultOf } from '@/lib/jobs/export';
import { pageOfRows } from '@/lib/jobs/read';
import { people } from '../job-words';
import { jobHref } from '../path';
import { ROWS_SHOWN } from '../review-limits';
import { type RowsView, rowsHref } from './rows-view';

/** Who was left as they were, and why; all the rest is in the file. */
export async function Result({ job, view }: { job: Job; view: RowsView }) {
  const { rows, before, after } = await pageOfRows(job, 'not-done', view, ROWS_SHOWN);
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
          <DataTable label="Left as they were">
            <thead>
              <tr>
                <th scope="col">Email</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.number}>
                  <td title={row.email}>{row.email}</td>
                  <td data-label="Why" className="in-words">
                    {resultOf(job, row).reason}
                  </td>
                </tr>
              ))}
            </tbody>
          </DataTable>
          <Pagination
            summary={`${rows.length} of ${job.refused.toLocaleString('en')}`}
            previousHref={before ? rowsHref(job.id, { before }) : undefined}
            nextHref={after ? rowsHref(job.id, { after }) : undefined}
          />
        </>
      )}
    </Card>
  );
}
