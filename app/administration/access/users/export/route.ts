import { noForm, postedFields } from '@/app/given-form';
import { requireActor } from '@/lib/auth/current-actor';
import { exportUsers } from '@/lib/users/export';
import { REFUSALS } from '@/lib/users/refusals';
import { parseView } from '../search-params';
import { filtersOf } from '../view';

/** A POST: an export leaves an audit entry. */
export async function POST(request: Request): Promise<Response> {
  const actor = await requireActor('tenant_admin');
  const given = await postedFields(request);
  if (!given) return noForm();
  const view = parseView(given);
  const csv = await exportUsers(actor, filtersOf(view), view);
  if (!csv.ok) return new Response(REFUSALS[csv.refusal], { status: 403 });
  return new Response(csv.value, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="users-${new Date().toISOString().slice(0, 10)}.csv"`,
      'cache-control': 'no-store',
    },
  });
}
