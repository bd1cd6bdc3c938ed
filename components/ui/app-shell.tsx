'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { useAskAgain } from '../ask-again';
import { AccountMenu } from './account-menu';

type Props = {
  tenantName: string;
  user: { name: string; email: string };
  administrationHref?: string | undefined;
  /** A form: signing out is a POST. */
  signOut: ReactNode;
  children: ReactNode;
};

/** A client component to save size: its links and drawings are not sent a second time as data. */
export function AppShell({ tenantName, user, administrationHref, signOut, children }: Props) {
  useAskAgain();
  return (
    <>
      <a className="skip-link button" href="#main">
        Skip to the content
      </a>
      <header className="top-bar">
        <Link href="/" prefetch={false} className="mark">
          Rollcall
        </Link>
        <span className="tenant" title={tenantName}>
          {tenantName}
        </span>
        <span className="ml-auto flex items-center gap-1">
          {administrationHref && (
            <Link
              className="icon-button"
              href={administrationHref}
              prefetch={false}
              aria-label="Administration"
              title="Administration"
            >
              <Gear />
            </Link>
          )}
          <AccountMenu>
            <p>
              {user.name}
              {user.name !== user.email && <small>{user.email}</small>}
            </p>
            <Link href="/profile" prefetch={false}>
              Profile
            </Link>
            {signOut}
          </AccountMenu>
        </span>
      </header>
      <main id="main" className="page">
        {children}
      </main>
    </>
  );
}

type PublicProps = { title: string; text?: string; children: ReactNode };

/** For people who are not signed in. */
export const PublicShell = ({ title, text, children }: PublicProps) => (
  <div className="public">
    <main>
      <p className="mark">Rollcall</p>
      <section className="card prose-links">
        <div>
          <h1>{title}</h1>
          {text && <p className="lead">{text}</p>}
        </div>
        {children}
      </section>
    </main>
  </div>
);

const Gear = () => (
  <svg
    width="19"
    height="19"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.8"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <circle cx="12" cy="12" r="3.2" />
    <path d="M19.4 15a1.7 1.7 0 0 0 .34 1.87l.06.06a2 2 0 1 1-2.83 2.83l-.06-.06a1.7 1.7 0 0 0-2.88 1.2V21a2 2 0 1 1-4 0v-.09a1.7 1.7 0 0 0-2.9-1.13l-.06.060a2 2 0 1 1-2.83-2.83l.06-.06A1.7 1.7 0 0 0 3.09 14H3a2 2 0 1 1 0-4h.09a1.7 1.7 0 0 0 1.21-2.9l-.06-.06a2 2 0 1 1 2.83-2.83l.06.060A1.7 1.7 0 0 0 10 3.09V3a2 2 0 1 1 4 0v.09a1.7 1.7 0 0 0 2.9 1.21l.06-.06a2 2 0 1 1 2.83 2.83l-.06.060A1.7 1.7 0 0 0 20.91 10H21a2 2 0 1 1 0 4h-.09a1.7 1.7 0 0 0-1.51 1Z" />
  </svg>
);
