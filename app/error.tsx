'use client';

import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';

/** The unexpected, without its message: that is for the log. The digest finds it there. */
export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <EmptyState
      title="Something went wrong"
      text={`Nothing was half done. Try again; if it stays, tell your operator${error.digest ? ` this number: ${error.digest}` : ''}.`}
      action={<Button onClick={reset}>Try again</Button>}
    />
  );
}
