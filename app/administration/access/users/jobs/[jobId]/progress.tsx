import { Form, Submit } from '@/components/form/form';
import { KeepFresh } from '@/components/keep-fresh';
import { Card, CardHeader } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import type { Job } from '@/db/schema/jobs';
import { resumeJobAction, stopJobAction } from '../actions';
import { people, STOP_SENTENCES, wordsOf } from '../job-words';

const REFRESH_MS = 2_000;

/** The progress of a job with a button to stop it, or how it ended, with a button to resume it. */
export function Progress({ job }: { job: Job }) {
  const { done } = wordsOf(job.deed);
  const settled = job.done + job.refused;
  const left = job.total - settled;
  const others = job.refused > 0 ? `, ${job.refused.toLocaleString('en')} left as they were` : '';
  const soFar = `${people(job.done)} ${job.done === 1 ? 'was' : 'were'} ${done}${others}.`;
  if (job.status === 'finished')
    return (
      <Notice tone="ok" title={job.deed === 'invite' ? 'The list is done' : 'Done'}>
        {soFar}
        {job.deed === 'invite' && job.done > 0 && ' Their mails are queued to be sent.'}
      </Notice>
    );
  if (job.status === 'stopped')
    return (
      <>
        <Notice tone="warn" title={`Stopped with ${people(left)} to go`}>
          {job.stopped && STOP_SENTENCES[job.stopped]} {soFar} What was done stays done.
        </Notice>
        <Form action={resumeJobAction}>
          <input type="hidden" name="jobId" value={job.id} />
          <Submit busy="Going on …">{`Go on with ${people(left)}`}</Submit>
          <p className="hint">From then on it acts in your name and your session.</p>
        </Form>
      </>
    );
  const percent = Math.floor((100 * settled) / Math.max(job.total, 1));
  return (
    <Card>
      <CardHeader
        title={`${settled.toLocaleString('en')} of ${job.total.toLocaleString('en')}`}
        description={`${soFar} It goes on when this page is left, and stops when whoever began it signs out.`}
      />
      <progress max={job.total} value={settled} aria-label="How far it is" />
      {/* Announced in steps of ten per cent, not every two seconds. */}
      <p role="status" className="sr-only">{`${percent - (percent % 10)} % done`}</p>
      <Form action={stopJobAction}>
        <input type="hidden" name="jobId" value={job.id} />
        <div className="form-actions">
          <Submit variant="danger" busy="Stopping …">
            Stop
          </Submit>
          <span className="hint">What was done stays done. The rest is left as it is, and can be gone on with.</span>
        </div>
      </Form>
      <KeepFresh everyMs={REFRESH_MS} />
    </Card>
  );
}
