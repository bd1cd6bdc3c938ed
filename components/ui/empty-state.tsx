import type { ReactNode } from 'react';

type Props = { title: string; text: string; action?: ReactNode };

export const EmptyState = ({ title, text, action }: Props) => (
  <div className="empty" role="status">
    <h2>{title}</h2>
    <p>{text}</p>
    {action && <div className="actions">{action}</div>}
  </div>
);
