import { Said } from '@/components/ui/said';
import { findEntry } from '@/lib/audit/find-entry';
import { sentence } from '@/lib/audit/sentence';

/** The redirect after a command: `?done=` names the audit entry whose sentence the page shows. */
export const toDone =
  (path: string) =>
  ({ auditId }: { auditId: string | null }): string =>
    `${path}?done=${auditId ?? NOTHING}`;

const NOTHING = 'nothing';

type Props = { tenantId: string; given: unknown; actions: string };

/** Shows what was just done on this page. The text comes from the audit entry that `?done=` names, so a link cannot fake it. */
export async function Done({ tenantId, given, actions }: Props) {
  if (given === NOTHING) return <Said>There was nothing to change.</Said>;
  const entry = await findEntry(tenantId, given);
  return entry?.action.startsWith(actions) ? <Said>{sentence(entry)}.</Said> : null;
}
