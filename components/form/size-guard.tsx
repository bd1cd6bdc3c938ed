'use client';

import { useEffect, useRef, useState } from 'react';
import { Notice } from '../ui/notice';

/** Warns before a form is sent that is too large: the server reads only up to a limit, and what was entered would be lost. */
export function SizeGuard({ mostBytes, words }: { mostBytes: number; words: string }) {
  const here = useRef<HTMLDivElement>(null);
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    const form = here.current?.closest('form');
    const look = (event: SubmitEvent) => {
      if (!form || sizeOf(new FormData(form)) <= mostBytes) return setRefusals(0);
      event.preventDefault();
      event.stopPropagation();
      setRefusals((before) => before + 1);
    };
    form?.addEventListener('submit', look);
    return () => form?.removeEventListener('submit', look);
  }, [mostBytes]);
  useEffect(() => {
    if (refusals > 0) here.current?.focus();
  }, [refusals]);
  return (
    <div ref={here} tabIndex={-1}>
      {refusals > 0 && <Notice tone="danger">{words}</Notice>}
    </div>
  );
}

const sizeOf = (data: FormData): number =>
  [...data.values()].reduce((sum, value) => sum + (typeof value === 'string' ? new Blob([value]).size : value.size), 0);
