import type { ReactNode } from 'react';

export const Card = ({ children }: { children: ReactNode }) => <section className="card">{children}</section>;

type HeaderProps = { title: string; description?: ReactNode; actions?: ReactNode };

export const CardHeader = ({ title, description, actions }: HeaderProps) => (
  <div className="card-header">
    <div>
      <h2>{title}</h2>
      {description && <p>{description}</p>}
    </div>
    {actions && <div className="actions">{actions}</div>}
  </div>
);

export const DefinitionList = ({ items }: { items: { term: string; value: ReactNode }[] }) => (
  <dl className="definitions">
    {items.map(({ term, value }) => (
      <div key={term} className="contents">
        <dt>{term}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
