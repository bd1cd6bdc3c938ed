import type { Metadata } from 'next';
import Link from 'next/link';
import { readerTimeZone } from '@/app/reader';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { ButtonLink } from '@/components/ui/button';
import { DataTable } from '@/components/ui/data-table';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { listJobs } from '@/lib/jobs/read';
import { displayName } from '@/lib/users/find';
import { USERS_PATH } from '../view';
import { statusOf, wordsOf } from './job-words';
import { jobHref } from './path';

export const metadata: Metadata = { title: 'Jobs' };

export default async function JobsPage() {
  const { tenantId } = await requireSession('tenant_admin');
  const [found, timeZone, now] = [await listJobs(tenantId), await readerTimeZone(), new Date()];
  return (
    <>
      <PageHeader
        title="Jobs"
        description="What is done to many people at once, and what became of it. Kept for 30 days."
        back={{ href: USERS_PATH, label: 'Users' }}
        actions={<ButtonLink href={`${USERS_PATH}/import`}>Invite many</ButtonLink>}
      />
      {found.length === 0 ? (
        <EmptyState
          title="There are no jobs"
          text="Invite many people by a list, or select all that match in the list of users."
        />
      ) : (
        <DataTable label="Jobs">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">State</th>
              <th scope="col">People</th>
              <th scope="col">Done</th>
              <th scope="col">Left as they were</th>
              <th scope="col">By</th>
              <th scope="col">Begun</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ job, by }) => (
              <tr key={job.id}>
                <td>
                  <Link className="row-link" href={jobHref(job.id)} prefetch={false}>
                    {wordsOf(job.deed).title}
                  </Link>
                </td>
                <td data-label="State">
                  <Badge tone={statusOf(job).tone}>{statusOf(job).words}</Badge>
                </td>
                <td data-label="People">{job.total.toLocaleString('en')}</td>
                <td data-label="Done">{job.done.toLocaleString('en')}</td>
                <td data-label="Left as they were">{job.refused.toLocaleString('en')}</td>
                <td data-label="By" title={by.email}>
                  {displayName(by)}
                </td>
                <td data-label="Begun">
                  <Time at={job.begunAt ?? job.createdAt} now={now} timeZone={timeZone} style="relative" />
                </td>
              </tr>
            ))}
          </tbody>
        </DataTable>
      )}
    </>
  );
}
