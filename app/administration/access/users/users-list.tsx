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
  /** How many the view has, where that is more than are shown. */
  total: string | null;
  rows: Rows;
  columns: { label: string; href: string; direction: 'asc' | 'desc' | null }[];
  summary: string;
  previousHref?: string | undefined;
  nextHref?: string | undefined;
};

/**
 * A client component for its size, not for state: what a server component renders is sent twice, as HTML and as data for
 * the client; of this one the data is bare values.
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
