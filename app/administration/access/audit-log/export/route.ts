import { z } from 'zod';
import { noForm, postedFields } from '@/app/given-form';
import { readerTimeZone } from '@/app/reader';
import { EXPORT_FORMATS, exportAudit } from '@/lib/audit/export';
import { requireActor } from '@/lib/auth/current-actor';
import { findPerson } from '../find-person';
import { filtersOf, parseView } from '../search-params';

const TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' };

/** A POST: an export leaves an audit entry. */
export async function POST(request: Request): Promise<Response> {
  const actor = await requireActor('tenant_admin');
  const given = await postedFields(request);
  if (!given) return noForm();
  const format = z.enum(EXPORT_FORMATS).catch('csv').parse(given.format);
  const view = parseView(given);
  const filters = filtersOf(view, await findPerson(actor.tenantId, view.person), await readerTimeZone());
  return new Response(await exportAudit(actor, filters, format), {
    headers: {
      'content-type': TYPES[format],
      'content-disposition': `attachment; filename="audit-${new Date().toISOString().slice(0, 10)}.${format}"`,
      'cache-control': 'no-store',
    },
  });
}
