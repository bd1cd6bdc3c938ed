import { Said } from '@/components/ui/said';
import { findEntry } from '@/lib/audit/find-entry';
import { sentence } from '@/lib/audit/sentence';

/** Where a page goes after a deed: the entry tells what was done. */
export const toDone =
  (path: string) =>
  ({ auditId }: { auditId: string | null }): string =>
    `${path}?done=${auditId ?? NOTHING}`;

const NOTHING = 'nothing';

type Props = { tenantId: string; given: unknown; actions: string };

/** What was done on this page a moment ago, by the entry that `?done=` names: a link cannot claim it. */
export async function Done({ tenantId, given, actions }: Props) {
  if (given === NOTHING) return <Said>There was nothing to change.</Said>;
  const entry = await findEntry(tenantId, given);
  return entry?.action.startsWith(actions) ? <Said>{sentence(entry)}.</Said> : null;
}
