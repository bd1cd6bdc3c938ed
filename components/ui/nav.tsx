'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

type Item = { href: string; label: string };
type Props = { label: string; items: Item[] };

const isWithin = (path: string, href: string) => path === href || path.startsWith(`${href}/`);

/** The tab is current for all addresses under `within`. */
export function Tabs({ label, items }: { label: string; items: (Item & { within: string })[] }) {
  const path = usePathname();
  return (
    <nav className="tabs" aria-label={label}>
      {items.map(({ href, label: text, within }) => (
        <Link key={href} href={href} prefetch={false} aria-current={isWithin(path, within) ? 'true' : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}

export function SideNav({ label, items }: Props) {
  const path = usePathname();
  return (
    <nav className="side-nav" aria-label={label}>
      <ul>
        {items.map(({ href, label: text }) => (
          <li key={href}>
            <Link href={href} prefetch={false} aria-current={isWithin(path, href) ? 'page' : undefined}>
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
