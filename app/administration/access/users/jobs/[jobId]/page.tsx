import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { confirmFirst } from '@/app/confirm-first';
import { readerTimeZone } from '@/app/reader';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { makesAdmins } from '@/lib/jobs/begin-import';
import { findJob } from '@/lib/jobs/read';
import { idField } from '@/lib/users/fields';
import { displayName } from '@/lib/users/find';
import type { RawParams } from '../../search-params';
import { statusOf, wordsOf } from '../job-words';
import { JOBS_PATH, jobHref } from '../path';
import { Progress } from './progress';
import { Result } from './result';
import { Review } from './review';
import { parseRowsView } from './rows-view';

type Props = { params: Promise<{ jobId: string }>; searchParams: Promise<RawParams> };

const readJob = cache(async (given: string) => {
  const { tenantId } = await requireSession('tenant_admin');
  const id = idField.safeParse(given);
  return (id.success ? await findJob(tenantId, id.data) : null) ?? notFound();
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { job } = await readJob((await params).jobId);
  return { title: `${wordsOf(job.deed).title}, ${statusOf(job).words.toLowerCase()}` };
}

/** A job in every state: from the checked list that waits for confirmation to the result. */
export default async function JobPage({ params, searchParams }: Props) {
  const { job, by } = await readJob((await params).jobId);
  if (job.status === 'draft' && (await makesAdmins(job))) await confirmFirst(await requireSession(), jobHref(job.id));
  const view = parseRowsView(await searchParams);
  const { tone, words } = statusOf(job);
  return (
    <>
      <PageHeader
        title={wordsOf(job.deed).title}
        description={
          <>
            {job.status === 'draft' ? 'Checked' : 'Begun'} by {displayName(by)}{' '}
            <Time
              at={job.begunAt ?? job.createdAt}
              now={new Date()}
              timeZone={await readerTimeZone()}
              style="relative"
            />
          </>
        }
        back={{ href: JOBS_PATH, label: 'Jobs' }}
        actions={<Badge tone={tone}>{words}</Badge>}
      />
      <div className="stack">
        {job.status === 'draft' ? (
          <Review job={job} view={view} />
        ) : (
          <>
            <Progress job={job} />
            <Result job={job} view={view} />
          </>
        )}
      </div>
    </>
  );
}
