'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { rowsHtml } from './row-html';
import type { UserRow } from './user-row';

const boxesIn = (body: HTMLElement | null) => [
  ...(body?.querySelectorAll<HTMLInputElement>('input[type=checkbox]') ?? []),
];

/** The rows, whose data is sent once and made into one text here and on the server. Their links go on without a reload. */
export function UserRows({ rows, path }: { rows: UserRow[]; path: string }) {
  const html = useMemo(() => ({ __html: rowsHtml(rows, path) }), [rows, path]);
  const body = useRef<HTMLTableSectionElement>(null);
  useKeptSelection(body, html);
  const router = useRouter();
  useEffect(() => {
    const { current } = body;
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      router.push(link.pathname);
    };
    current?.addEventListener('click', follow);
    return () => current?.removeEventListener('click', follow);
  }, [router]);
  return <tbody ref={body} dangerouslySetInnerHTML={html} />;
}

/** New rows are new boxes: who was selected and is still there stays so. */
function useKeptSelection(body: React.RefObject<HTMLTableSectionElement | null>, html: object): void {
  const selected = useRef(new Set<string>());
  useEffect(() => {
    const form = body.current?.closest('form');
    const note = () => {
      selected.current = new Set(
        boxesIn(body.current)
          .filter((box) => box.checked)
          .map((box) => box.value),
      );
    };
    form?.addEventListener('change', note);
    return () => form?.removeEventListener('change', note);
  }, [body]);
  useLayoutEffect(() => {
    const again = boxesIn(body.current).filter((box) => selected.current.has(box.value));
    for (const box of again) box.checked = true;
    if (selected.current.size > 0) body.current?.dispatchEvent(new Event('change', { bubbles: true }));
  }, [html]);
}
