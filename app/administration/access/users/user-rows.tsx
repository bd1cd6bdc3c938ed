'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { BODY_ID, type Rows, rowsOfDocument, rowsOfRequest } from './document-rows';
import { rowsHtml } from './row-html';

const boxesIn = (body: HTMLElement | null) => [
  ...(body?.querySelectorAll<HTMLInputElement>('input[type=checkbox]') ?? []),
];

/** The rows as one HTML string, made here or on the server. Clicks on their links navigate without a reload. */
export function UserRows({ rows, path }: { rows: Rows; path: string }) {
  const html = useMemo(() => ({ __html: textOf(rows, path) }), [rows, path]);
  const body = useRef<HTMLTableSectionElement>(null);
  useKeptSelection(body, html);
  const router = useRouter();
  useEffect(() => {
    // The page was rendered again after some error before the table could take over its rows: fetch them.
    if (!Array.isArray(rows) && rowsOfDocument() === undefined) router.refresh();
  }, [rows, router]);
  useEffect(() => {
    const { current } = body;
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? linkAt(event.target) : null;
      if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      router.push(link.pathname);
    };
    current?.addEventListener('click', follow);
    return () => current?.removeEventListener('click', follow);
  }, [router]);
  return <tbody id={BODY_ID} ref={body} dangerouslySetInnerHTML={html} />;
}

/** Elements with a hover text lie above the link that fills the row (globals.css), so a click on one finds its row's link. */
const linkAt = (at: Element) => at.closest('a') ?? at.closest('[title]')?.closest('tr')?.querySelector('a') ?? null;

function textOf(rows: Rows, path: string): string {
  if (Array.isArray(rows)) return rowsHtml(rows, path);
  return typeof document === 'undefined' ? rowsHtml(rowsOfRequest(rows), path) : (rowsOfDocument() ?? '');
}

/** New rows come with new checkboxes: people who were selected and are still listed are selected again. */
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
