import Form from 'next/form';
import { AutoSubmit } from '@/components/auto-submit';
import { Button, ButtonLink } from '@/components/ui/button';
import type { UserFilters } from '@/lib/users/list';
import { isFiltered, PAGE_SIZES, USERS_PATH, type View } from './view';

type Choice = { name: keyof View; label: string; options: [value: string, label: string][] };

const CHOICES: Choice[] = [
  {
    name: 'status',
    label: 'Status',
    options: [
      ['active', 'Active'],
      ['invited', 'Invited'],
      ['expired', 'Invitation expired'],
      ['revoked', 'Invitation revoked'],
      ['deactivated', 'Deactivated'],
      ['removed', 'Removed'],
    ],
  },
  {
    name: 'role',
    label: 'Role',
    options: [
      ['tenant_admin', 'Tenant Admin'],
      ['standard_user', 'Standard User'],
    ],
  },
  {
    name: 'mfa',
    label: 'MFA',
    options: [
      ['yes', 'Enabled'],
      ['no', 'Not enabled'],
      ['none', 'Not applicable'],
    ],
  },
  {
    name: 'saml',
    label: 'SAML',
    options: [
      ['yes', 'Enabled'],
      ['no', 'Not enabled'],
    ],
  },
  {
    name: 'login',
    label: 'Last login',
    options: [
      ['never', 'Never'],
      ['30', 'Over 30 days ago'],
      ['60', 'Over 60 days ago'],
      ['90', 'Over 90 days ago'],
    ],
  },
];

/** "Status: Active; Role: Tenant Admin; “smith”" */
export function filterWords(filters: UserFilters): string {
  const chosen = CHOICES.flatMap(({ name, label, options }) => {
    const option = options.find(([value]) => value === filters[name as keyof UserFilters]);
    return option ? `${label}: ${option[1]}` : [];
  });
  const words = filters.q === undefined ? chosen : [...chosen, `“${filters.q}”`];
  return words.length > 0 ? words.join('; ') : 'without a filter';
}

type Props = { view: View; params: Record<string, string> };

/** A plain GET form, since the view is its URL. Scripts submit it on change and keep it in sync; without them a button does. */
export function UsersFilters({ view, params }: Props) {
  const { q = '' } = params;
  return (
    <AutoSubmit>
      <Form action={USERS_PATH} role="search" aria-label="Users" className="filters">
        <input type="hidden" name="sort" value={view.sort} />
        <input type="hidden" name="dir" value={view.dir} />
        <label className="filter-search">
          <span className="sr-only">Search</span>
          <input
            type="search"
            name="q"
            defaultValue={q}
            data-shown={q}
            maxLength={200}
            placeholder="Search name, e-mail or id"
          />
        </label>
        {CHOICES.map(({ name, label, options }) => (
          <label key={name}>
            <span className="sr-only">{label}</span>
            <select
              name={name}
              defaultValue={String(view[name] ?? '')}
              data-shown={String(view[name] ?? '')}
              data-chosen={view[name] !== undefined || undefined}
            >
              <option value="">{label}: any</option>
              {options.map(([value, words]) => (
                <option key={value} value={value}>
                  {label}: {words}
                </option>
              ))}
            </select>
          </label>
        ))}
        <label>
          <span className="sr-only">Rows on a page</span>
          <select name="size" defaultValue={String(view.size)} data-shown={view.size}>
            {PAGE_SIZES.map((size) => (
              <option key={size} value={size}>
                {size} rows
              </option>
            ))}
          </select>
        </label>
        <span data-noscript-only>
          <Button type="submit">Apply</Button>
        </span>
        {isFiltered(view) && (
          <ButtonLink href={USERS_PATH} variant="quiet">
            Clear
          </ButtonLink>
        )}
      </Form>
    </AutoSubmit>
  );
}

/** A POST, since an export leaves an audit entry. */
export function ExportForm({ params }: Pick<Props, 'params'>) {
  const { after: _after, before: _before, size: _size, ...asked } = params;
  return (
    <form method="post" action={`${USERS_PATH}/export`}>
      {Object.entries(asked).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Button type="submit">Export CSV</Button>
    </form>
  );
}
