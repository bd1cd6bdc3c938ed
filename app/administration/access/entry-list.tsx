'use client';

import Link from 'next/link';
import type { ShownEntry } from './audit-entries';

/**
 * Entries of the audit log, newest first; each opens to its full record. A client component for its size, not for state: its
 * data is only the entries' texts.
 */
export function EntryList({ entries }: { entries: ShownEntry[] }) {
  return (
    <ol className="trail">
      {entries.map(({ id, sentence, at: [iso, exact, words], circumstances, facts }) => (
        <li key={id}>
          <details>
            <summary>
              <span>{sentence}</span>
              <small>
                <time dateTime={iso} title={exact}>
                  {words}
                </time>
                {` · ${circumstances}`}
              </small>
            </summary>
            <dl className="definitions">
              {facts.map(([term, value, href]) => (
                <div key={term} className="contents">
                  <dt>{term}</dt>
                  <dd>
                    {href ? (
                      <Link className="link" href={href} prefetch={false}>
                        {value}
                      </Link>
                    ) : (
                      value
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          </details>
        </li>
      ))}
    </ol>
  );
}
