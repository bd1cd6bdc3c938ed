import Link from 'next/link';
import type { ReactNode } from 'react';

type Props = { title: string; description?: ReactNode; actions?: ReactNode; back?: { href: string; label: string } };

export const PageHeader = ({ title, description, actions, back }: Props) => (
  <header className="page-header">
    <div>
      {back && (
        <Link className="back" href={back.href} prefetch={false}>
          ← {back.label}
        </Link>
      )}
      <h1>{title}</h1>
      {description && <p>{description}</p>}
    </div>
    {actions && <div className="actions">{actions}</div>}
  </header>
);
