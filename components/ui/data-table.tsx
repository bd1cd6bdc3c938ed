import Link from 'next/link';
import type { ReactNode } from 'react';

/** Styled in globals.css; at phone width each row becomes a card, labelled by `data-label`. */
export const DataTable = ({ label, children }: { label: string; children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
  <section className="table-scroll" aria-label={label} tabIndex={0}>
    <table className="data-table">{children}</table>
  </section>
);

type SortProps = { label: string; href: string; direction: 'asc' | 'desc' | null };

export const SortHeader = ({ label, href, direction }: SortProps) => (
  <th scope="col" aria-sort={direction ? (direction === 'asc' ? 'ascending' : 'descending') : undefined}>
    <Link href={href} prefetch={false}>
      {label}
      {direction && <span aria-hidden="true">{direction === 'asc' ? '↑' : '↓'}</span>}
    </Link>
  </th>
);
