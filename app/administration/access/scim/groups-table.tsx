import Link from 'next/link';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import { ROLE_NAMES } from '@/lib/actor';
import { type listGroupsWithSizes, MOST_GROUPS_SHOWN } from '@/lib/scim/connection';
import { SCIM_PATH } from './scim-path';

/** `total` counts all groups, not just those that match the search. */
type Props = { groups: Awaited<ReturnType<typeof listGroupsWithSizes>>; total: number; search: string };

export function GroupsTable({ groups, total, search }: Props) {
  if (total === 0) {
    return (
      <Card>
        <CardHeader
          title="Groups and roles"
          description="No groups yet. Once your identity provider sends some, you can give the members of one the role Tenant Admin."
        />
      </Card>
    );
  }
  return (
    <Card>
      <CardHeader
        title="Groups and roles"
        description="A group with a role gives it to its members, and takes it when they leave. Open a group to change that."
      />
      {total > MOST_GROUPS_SHOWN && (
        <form className="filters" aria-label="Search groups">
          <label className="filter-search">
            <span className="sr-only">Search groups</span>
            <input type="search" name="group" defaultValue={search} maxLength={200} placeholder="Search groups" />
          </label>
          <Button type="submit">Search</Button>
          <p className="hint">
            {groups.length} of {total} are shown, those that give a role first.
          </p>
        </form>
      )}
      <DataTable label="Groups">
        <thead>
          <tr>
            {['Group', 'Members', 'Role it gives'].map((label) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ group, members }) => (
            <tr key={group.id}>
              <td title={group.displayName}>
                <Link className="row-link" href={`${SCIM_PATH}/groups/${group.id}`} prefetch={false}>
                  {group.displayName}
                </Link>
              </td>
              <td data-label="Members">{members}</td>
              <td data-label="Role it gives">
                {group.role ? <Badge tone="accent">{ROLE_NAMES[group.role]}</Badge> : 'None'}
              </td>
            </tr>
          ))}
        </tbody>
      </DataTable>
    </Card>
  );
}
