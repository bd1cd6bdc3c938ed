'use client';

import { SelectAllRows } from '@/components/select-rows';
import { DataTable, SortHeader } from '@/components/ui/data-table';
import { Pagination } from '@/components/ui/pagination';
import { BulkBar } from './bulk-bar';
import type { Rows } from './document-rows';
import { UserRows } from './user-rows';
import { USERS_PATH, type View } from './view';

type Props = {
  view: View;
  /** The number of people in the view, if it has more than this page shows; else null. */
  total: string | null;
  rows: Rows;
  columns: { label: string; href: string; direction: 'asc' | 'desc' | null }[];
  summary: string;
  previousHref?: string | undefined;
  nextHref?: string | undefined;
};

/**
 * A client component for its size, not for state: a server component's output is sent twice, as HTML and as data for the
 * client. For this one the data is only its props.
 */
export const UsersList = ({ view, total, rows, columns, ...pages }: Props) => (
  <>
    <DataTable label="Users">
      <thead>
        <tr>
          <th className="select-cell">
            <SelectAllRows name="ids" label="Select all on this page" />
          </th>
          {columns.map((column) => (
            <SortHeader key={column.label} {...column} />
          ))}
        </tr>
      </thead>
      <UserRows rows={rows} path={USERS_PATH} />
    </DataTable>
    <Pagination {...pages} />
    <BulkBar view={view} total={total} />
  </>
);
