import Form from 'next/form';
import { AutoSubmit } from '@/components/auto-submit';
import { Button, ButtonLink } from '@/components/ui/button';
import { AUDIT_ACTIONS, DOOR_NAMES } from '@/lib/audit/sentence';
import { AUDIT_PATH } from './path';
import { type AuditView, isFiltered, paramsOf } from './search-params';

const NOUNS: Record<string, string> = { 'api key': 'API key', saml: 'SAML', scim: 'SCIM' };

/** "user.role-changed" → "User: role changed" */
const actionWords = (action: string) => {
  const [noun = '', verb = ''] = action.replaceAll('-', ' ').split('.');
  return `${NOUNS[noun] ?? `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`}: ${verb}`;
};
const ACTIONS = AUDIT_ACTIONS.map((action): [string, string] => [action, actionWords(action)]).sort((a, b) =>
  a[1].localeCompare(b[1]),
);

/** A plain GET form, since the view is its URL. */
export function AuditFilters({ view }: { view: AuditView }) {
  const { q = '' } = paramsOf(view);
  return (
    <AutoSubmit>
      <Form action={AUDIT_PATH} role="search" aria-label="Audit log" className="filters">
        <label className="filter-search">
          <span className="sr-only">Search</span>
          <input
            type="search"
            name="q"
            defaultValue={q}
            data-shown={q}
            maxLength={200}
            placeholder="Search names, addresses, IP"
          />
        </label>
        <label>
          <span className="sr-only">Person</span>
          <input
            className="input"
            name="person"
            defaultValue={view.person}
            data-shown={view.person ?? ''}
            placeholder="Person: e-mail or id"
          />
        </label>
        <Choice name="action" label="Action" value={view.action} options={ACTIONS} />
        <Choice name="door" label="Door" value={view.door} options={Object.entries(DOOR_NAMES)} />
        <label className="labelled">
          From
          <input className="input" type="date" name="from" defaultValue={view.from} data-shown={view.from ?? ''} />
        </label>
        <label className="labelled">
          to
          <input className="input" type="date" name="until" defaultValue={view.until} data-shown={view.until ?? ''} />
        </label>
        <Button type="submit">Apply</Button>
        {isFiltered(view) && (
          <ButtonLink href={AUDIT_PATH} variant="quiet">
            Clear
          </ButtonLink>
        )}
      </Form>
    </AutoSubmit>
  );
}

type ChoiceProps = {
  name: string;
  label: string;
  value: string | undefined;
  options: [value: string, words: string][];
};

const Choice = ({ name, label, value, options }: ChoiceProps) => (
  <label>
    <span className="sr-only">{label}</span>
    <select
      name={name}
      defaultValue={value ?? ''}
      data-shown={value ?? ''}
      data-chosen={value !== undefined || undefined}
    >
      <option value="">{label}: any</option>
      {options.map(([option, words]) => (
        <option key={option} value={option}>
          {words}
        </option>
      ))}
    </select>
  </label>
);

/** A POST, since an export leaves an audit entry. */
export function ExportForm({ view }: { view: AuditView }) {
  const { after: _after, before: _before, ...filters } = view;
  return (
    <form method="post" action={`${AUDIT_PATH}/export`} className="actions">
      {Object.entries(paramsOf(filters)).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Button type="submit" name="format" value="csv">
        Export CSV
      </Button>
      <Button type="submit" name="format" value="jsonl">
        Export JSON Lines
      </Button>
    </form>
  );
}
