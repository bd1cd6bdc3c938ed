import type { ComponentProps, ReactNode } from 'react';

type Props = Omit<ComponentProps<'div'>, 'title'> & {
  tone: 'info' | 'ok' | 'warn' | 'danger';
  title?: string;
  children?: ReactNode;
};

/** A refusal interrupts a screen reader; anything else waits its turn. */
export const Notice = ({ tone, title, children, ...rest }: Props) => (
  <div className="notice" data-tone={tone} role={tone === 'danger' ? 'alert' : 'status'} {...rest}>
    {title && <strong>{title}</strong>}
    {children}
  </div>
);
