import { TickBox } from '@/components/form/tick-field';
import { Badge, type Tone } from '@/components/ui/badge';
import { DataTable } from '@/components/ui/data-table';
import type { JobRow } from '@/db/schema/jobs';
import { ROLE_NAMES, type Role } from '@/lib/actor';
import { SENDABLE, type Verdict } from '@/lib/invitations/check-batch';

export const VERDICT_LOOK: Record<Verdict, { tone: Tone; words: string }> = {
  new: { tone: 'ok', words: 'New' },
  'already-invited': { tone: 'accent', words: 'Invited already' },
  'role-account': { tone: 'warn', words: 'Shared mailbox?' },
  'domain-typo': { tone: 'warn', words: 'Misspelt?' },
  'already-user': { tone: 'neutral', words: 'User' },
  deactivated: { tone: 'neutral', words: 'Deactivated' },
  twice: { tone: 'neutral', words: 'Twice' },
  'domain-not-allowed': { tone: 'danger', words: 'Domain not allowed' },
  malformed: { tone: 'danger', words: 'Malformed' },
};

type Props = { rows: JobRow[]; role: Role; label: string; withBoxes?: boolean };

/** Rows of a checked list with their verdicts. `role` applies to new people whose row names none. */
export const ListRows = ({ rows, role, label, withBoxes = false }: Props) => (
  <DataTable label={label}>
    <thead>
      <tr>
        {withBoxes && (
          <th scope="col" className="select-cell">
            <span className="sr-only">Invite</span>
          </th>
        )}
        <th scope="col">Line</th>
        <th scope="col">Email</th>
        <th scope="col">Name</th>
        <th scope="col">Role</th>
        <th scope="col">Verdict</th>
      </tr>
    </thead>
    <tbody>
      {rows.map(({ number, email, given, verdict }) => {
        const { tone, words } = VERDICT_LOOK[verdict as Verdict];
        const can = SENDABLE[verdict as Verdict];
        return (
          <tr key={number}>
            {withBoxes && (
              <td className="select-cell">
                <TickBox
                  name="rows"
                  value={String(number)}
                  defaultChecked={can === 'yes'}
                  disabled={can === 'no'}
                  aria-label={`Invite ${email}`}
                />
              </td>
            )}
            <td data-label="Line">{given?.line ?? number}</td>
            <td title={email}>{email}</td>
            <td data-label="Name">{`${given?.firstName ?? ''} ${given?.lastName ?? ''}`.trim()}</td>
            <td data-label="Role">{given?.unknownRole ?? ROLE_NAMES[given?.roleThen ?? role]}</td>
            <td data-label="Verdict" className="in-words">
              <Badge tone={tone}>{words}</Badge> <small>{given?.sentence}</small>
            </td>
          </tr>
        );
      })}
    </tbody>
  </DataTable>
);
