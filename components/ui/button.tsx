import Link from 'next/link';
import { type ComponentProps, useId } from 'react';

export type Variant = 'primary' | 'secondary' | 'danger' | 'quiet';
type Look = { variant?: Variant | undefined; size?: 'small' | undefined };
type ButtonProps = ComponentProps<'button'> & Look & { disabledReason?: string | undefined };

/** A control that cannot succeed is disabled and shows the reason to everybody. */
export function Button({ variant = 'secondary', size, disabledReason, type = 'button', ...rest }: ButtonProps) {
  const id = useId();
  if (disabledReason === undefined)
    return <button className="button" data-variant={variant} data-size={size} type={type} {...rest} />;
  return (
    <span className="disabled-deed">
      <button
        className="button"
        data-variant={variant}
        data-size={size}
        type="button"
        disabled
        aria-describedby={id}
        {...rest}
      />
      <small id={id}>{disabledReason}</small>
    </span>
  );
}

type LinkProps = Omit<ComponentProps<typeof Link>, 'prefetch'> & Look;

export function ButtonLink({ variant = 'secondary', size, ...rest }: LinkProps) {
  return <Link className="button" data-variant={variant} data-size={size} prefetch={false} {...rest} />;
}
