'use client';

import Link from 'next/link';
import { useFormState } from '@/components/form/form';
import { Notice } from '@/components/ui/notice';

/** Shown once, only in the form's response. The download is a data URL, so it works without scripts and without a request. */
export function NewRecoveryCodes({ next }: { next: string }) {
  const state = useFormState();
  const codes = state.status === 'done' ? (state.values?.codes?.split(' ') ?? []) : [];
  const file = `Recovery codes for Rollcall. Each works once.\n\n${codes.join('\n')}\n`;
  return (
    <>
      <h2>Recovery codes</h2>
      <p>Keep these where you would keep a spare key. Each signs you in once, if your second factor is lost.</p>
      <ol className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <Notice tone="warn">They are not shown again.</Notice>
      <div className="form-actions">
        <a
          className="button"
          download="rollcall-recovery-codes.txt"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(file)}`}
        >
          Download
        </a>
        <Link className="button" data-variant="primary" href={next} prefetch={false}>
          I have kept them
        </Link>
      </div>
    </>
  );
}
