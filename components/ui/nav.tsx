import Link from 'next/link';

type Item = { href: string; label: string; current?: boolean };
type Props = { label: string; items: Item[] };

export const Tabs = ({ label, items }: Props) => (
  <nav className="tabs" aria-label={label}>
    {items.map(({ href, label: text, current }) => (
      <Link key={href} href={href} prefetch={false} aria-current={current ? 'true' : undefined}>
        {text}
      </Link>
    ))}
  </nav>
);

export const SideNav = ({ label, items }: Props) => (
  <nav className="side-nav" aria-label={label}>
    <ul>
      {items.map(({ href, label: text, current }) => (
        <li key={href}>
          <Link href={href} prefetch={false} aria-current={current ? 'page' : undefined}>
            {text}
          </Link>
        </li>
      ))}
    </ul>
  </nav>
);
