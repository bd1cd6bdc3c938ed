'use client';

import { PublicShell } from '@/components/ui/app-shell';
import { Button, ButtonLink } from '@/components/ui/button';

type Props = { error: Error & { digest?: string }; retry: () => void };

/** Unexpected errors, without their message: it is only in the log, where the digest finds it. */
export default function ErrorPage({ error: { digest }, retry }: Props) {
  return (
    <PublicShell
      title="Something went wrong"
      text={
        digest
          ? `Nothing was half done. Try again; if it stays, tell your operator this number: ${digest}.`
          : 'This page could not be shown. Try again; if it stays, tell your operator.'
      }
    >
      <div className="form-actions">
        <Button variant="primary" onClick={retry}>
          Try again
        </Button>
        <ButtonLink href="/">Go to the start page</ButtonLink>
      </div>
    </PublicShell>
  );
}
