import { requireActor } from '@/lib/auth/current-actor';
import { exportJob } from '@/lib/jobs/export';
import { idField } from '@/lib/users/fields';
import { REFUSALS } from '@/lib/users/refusals';

/** A POST: an export leaves an audit entry. */
export async function POST(_request: Request, { params }: { params: Promise<{ jobId: string }> }): Promise<Response> {
  const actor = await requireActor('tenant_admin');
  const id = idField.safeParse((await params).jobId);
  const outcome = id.success ? await exportJob(actor, { jobId: id.data }) : null;
  if (!outcome?.ok) return new Response(REFUSALS['job-not-found'], { status: 404 });
  return new Response(outcome.value.csv, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="result-${new Date().toISOString().slice(0, 10)}.csv"`,
      'cache-control': 'no-store',
    },
  });
}
