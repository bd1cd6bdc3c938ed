'use client';

import { Field, TextAreaField } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { Badge, type Tone } from '@/components/ui/badge';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import { ROLE_NAMES, type Role } from '@/lib/actor';
import { counted } from '@/lib/counted';
import type { CheckedRow } from '@/lib/invitations/check-batch';
import { RoleField } from '../role-field';
import { type ImportState, importAction } from './actions';

type Props = { back: string; most: number };

/** Write, review, sent: each step is the answer to a POST, with scripts or without. */
export function ImportForm({ back, most }: Props) {
  const sent = (
    <ButtonLink href={back} variant="primary">
      To the users
    </ButtonLink>
  );
  return (
    <Form<ImportState> action={importAction} whenDone={sent}>
      {({ rows, ...state }) =>
        rows && state.status !== 'done' ? (
          <Review rows={rows} values={state.values} />
        ) : (
          <Write most={most} back={back} />
        )
      }
    </Form>
  );
}

function Write({ most, back }: { most: number; back: string }) {
  return (
    <Card>
      <TextAreaField
        name="text"
        label="Addresses or CSV"
        hint={`One person a line, at most ${most.toLocaleString('en')}. An address alone is enough; or e-mail, first name, last name, role.`}
        spellCheck={false}
      />
      <Field name="file" label="Or a CSV file" type="file" accept=".csv,.txt,text/csv,text/plain" />
      <RoleField legend="Role of somebody new, where a row names none" value="standard_user" />
      <div className="form-actions">
        <Submit name="intent" value="check" busy="Checking …">
          Check the list
        </Submit>
        <ButtonLink href={back}>Cancel</ButtonLink>
      </div>
    </Card>
  );
}

const LOOK: Record<CheckedRow['verdict'], { tone: Tone; words: string }> = {
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

type ReviewProps = { rows: CheckedRow[]; values: ImportState['values'] };

function Review({ rows, values = {} }: ReviewProps) {
  const fine = rows.filter(({ can }) => can === 'yes').length;
  const doubtful = rows.filter(({ can }) => can === 'doubtful').length;
  const role = values.role as Role;
  return (
    <>
      <input type="hidden" name="text" value={values.text} />
      <input type="hidden" name="role" value={role} />
      <Card>
        <CardHeader
          title={`${fine} of ${rows.length} can be invited`}
          description={`Nothing has been sent yet.${doubtful > 0 ? ` ${counted(doubtful, 'row is', 'rows are')} doubtful: choose them if they are right.` : ''}`}
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
            {rows.map((row, i) => {
              const { tone, words } = LOOK[row.verdict];
              return (
                <tr key={`${i}:${row.verdict}`}>
                  <td className="select-cell">
                    <input
                      type="checkbox"
                      name="rows"
                      value={`${i}:${row.verdict}`}
                      defaultChecked={row.can === 'yes'}
                      disabled={row.can === 'no'}
                      aria-label={`Invite ${row.email}`}
                    />
                  </td>
                  <td title={row.email}>{row.email}</td>
                  <td data-label="Name">{`${row.firstName} ${row.lastName}`.trim()}</td>
                  <td data-label="Role">{row.unknownRole ?? ROLE_NAMES[row.roleThen ?? role]}</td>
                  <td data-label="Verdict" className="in-words">
                    <Badge tone={tone}>{words}</Badge> <small>{row.sentence}</small>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </DataTable>
        <div className="form-actions">
          <Submit name="intent" value="send" busy="Sending …">
            Send the invitations
          </Submit>
          <Submit name="intent" value="back" variant="secondary">
            Back to the list
          </Submit>
        </div>
      </Card>
    </>
  );
}
