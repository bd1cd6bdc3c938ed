'use client';

import { useActionState } from 'react';
import { Badge, type Tone } from '@/components/ui/badge';
import { Button, ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import { Notice } from '@/components/ui/notice';
import type { Role } from '@/lib/actor';
import { type ImportState, importAction } from './actions';

type Props = { back: string; roleNames: Record<Role, string>; most: number };

const START: ImportState = { step: 'write', text: '', role: 'standard_user' };
const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

/** Write, review, sent: each step is the answer to a POST, with scripts or without. */
export function ImportForm({ back, roleNames, most }: Props) {
  const [state, submit] = useActionState(importAction, START);
  if (state.step === 'sent') return <Sent state={state} back={back} />;
  return (
    <form action={submit} className="form">
      {state.error && <Notice tone="danger">{state.error}</Notice>}
      {state.step === 'write' ? (
        <Write state={state} roleNames={roleNames} most={most} back={back} />
      ) : (
        <Review state={state} roleNames={roleNames} />
      )}
    </form>
  );
}

function Write({ state, roleNames, most, back }: Props & { state: Extract<ImportState, { step: 'write' }> }) {
  return (
    <Card>
      <div className="field">
        <label htmlFor="import-text">Addresses or CSV</label>
        <textarea
          className="input"
          id="import-text"
          name="text"
          key={state.text}
          defaultValue={state.text}
          aria-describedby="import-hint"
          spellCheck={false}
        />
        <p className="hint" id="import-hint">
          One person a line, at most {most.toLocaleString('en')}. An address alone is enough; or e-mail, first name,
          last name, role.
        </p>
      </div>
      <div className="field">
        <label htmlFor="import-file">Or a CSV file</label>
        <input className="input" id="import-file" type="file" name="file" accept=".csv,.txt,text/csv,text/plain" />
      </div>
      <div className="field">
        <label htmlFor="import-role">Role, where a row names none</label>
        <select
          className="input"
          id="import-role"
          name="role"
          key={state.role}
          defaultValue={state.role}
          aria-describedby="import-role-hint"
        >
          {Object.entries(roleNames).map(([role, name]) => (
            <option key={role} value={role}>
              {name}
            </option>
          ))}
        </select>
        <p className="hint" id="import-role-hint">
          A Tenant Admin sees and changes everybody here, admins included.
        </p>
      </div>
      <div className="form-actions">
        <Button type="submit" name="intent" value="check" variant="primary">
          Check the list
        </Button>
        <ButtonLink href={back}>Cancel</ButtonLink>
      </div>
    </Card>
  );
}

type Checked = Extract<ImportState, { step: 'review' }>['rows'][number];
const LOOK: Record<Checked['verdict'], { tone: Tone; words: string }> = {
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

function Review({
  state,
  roleNames,
}: {
  state: Extract<ImportState, { step: 'review' }>;
  roleNames: Record<Role, string>;
}) {
  const fine = state.rows.filter(({ can }) => can === 'yes').length;
  const doubtful = state.rows.filter(({ can }) => can === 'doubtful').length;
  return (
    <>
      <input type="hidden" name="text" value={state.text} />
      <input type="hidden" name="role" value={state.role} />
      <Card>
        <CardHeader
          title={`${fine} of ${state.rows.length} can be invited`}
          description={`Nothing has been sent yet.${doubtful > 0 ? ` ${count(doubtful, 'row is', 'rows are')} doubtful: choose them if they are right.` : ''}`}
        />
        <DataTable label="Rows of the list">
          <thead>
            <tr>
              <th scope="col" className="select-cell">
                <span className="sr-only">Invite</span>
              </th>
              <th scope="col">Email</th>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {state.rows.map((row) => {
              const { tone, words } = LOOK[row.verdict];
              return (
                <tr key={`${row.line}:${row.email}`}>
                  <td className="select-cell">
                    <input
                      type="checkbox"
                      name="lines"
                      value={`${row.line}:${row.email}`}
                      defaultChecked={row.can === 'yes'}
                      disabled={row.can === 'no'}
                      aria-label={`Invite ${row.email}`}
                    />
                  </td>
                  <td title={row.email}>{row.email}</td>
                  <td data-label="Name">{`${row.firstName} ${row.lastName}`.trim()}</td>
                  <td data-label="Role">{roleNames[row.role ?? state.role]}</td>
                  <td data-label="Verdict" title={row.sentence}>
                    <Badge tone={tone}>{words}</Badge> <small>{row.sentence}</small>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </DataTable>
        <div className="form-actions">
          <Button type="submit" name="intent" value="send" variant="primary">
            Send the invitations
          </Button>
          <Button type="submit" name="intent" value="back">
            Back to the list
          </Button>
        </div>
      </Card>
    </>
  );
}

function Sent({ state, back }: { state: Extract<ImportState, { step: 'sent' }>; back: string }) {
  return (
    <div className="stack">
      <Notice tone={state.refused.length > 0 ? 'warn' : 'ok'}>
        {count(state.sent, 'invitation is', 'invitations are')} queued to be sent.
        {state.refused.length > 0 && (
          <ul>
            {state.refused.map(({ email, sentence }) => (
              <li key={email}>
                {email}: {sentence}
              </li>
            ))}
          </ul>
        )}
      </Notice>
      <ButtonLink href={back} variant="primary">
        To the users
      </ButtonLink>
    </div>
  );
}
