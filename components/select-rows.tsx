'use client';

import { useEffect, useRef, useState } from 'react';

const boxesOf = (within: Element | null, name: string) => [
  ...(within?.closest('form')?.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name="${name}"]`) ?? []),
];

/** Selects every row of the page. Shift-click on a row selects the range from the row clicked before. */
export function SelectAllRows({ name, label }: { name: string; label: string }) {
  const all = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const form = all.current?.closest('form');
    let last: HTMLInputElement | undefined;
    const reflect = () => {
      const boxes = boxesOf(all.current, name);
      const checked = boxes.filter((box) => box.checked).length;
      if (!all.current) return;
      all.current.checked = checked > 0 && checked === boxes.length;
      all.current.indeterminate = checked > 0 && checked < boxes.length;
    };
    const clicked = (event: MouseEvent) => {
      const box = event.target;
      if (!(box instanceof HTMLInputElement) || box.name !== name) return;
      const boxes = boxesOf(all.current, name);
      if (event.shiftKey && last) {
        const [from = 0, to = 0] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
        box.dispatchEvent(new Event('change', { bubbles: true }));
      }
      last = box;
    };
    form?.addEventListener('click', clicked);
    form?.addEventListener('change', reflect);
    reflect();
    return () => {
      form?.removeEventListener('click', clicked);
      form?.removeEventListener('change', reflect);
    };
  });
  const selectAll = () => {
    for (const box of boxesOf(all.current, name)) box.checked = all.current?.checked ?? false;
  };
  return <input type="checkbox" ref={all} aria-label={label} onChange={selectAll} />;
}

/** "3 selected", updated as rows are selected. A ticked box named `all` means every row, shown or not. */
export function SelectedCount({ name }: { name: string }) {
  const output = useRef<HTMLOutputElement>(null);
  const [count, setCount] = useState(0);
  const [all, setAll] = useState(false);
  useEffect(() => {
    const form = output.current?.closest('form');
    const recount = () => {
      const selected = boxesOf(output.current, name).filter((box) => box.checked).length;
      const [whole] = boxesOf(output.current, 'all');
      // The bar disappears with the last selected row: a box that nobody sees must not count the next time.
      if (whole && selected === 0) whole.checked = false;
      setAll(whole?.checked ?? false);
      setCount(selected);
    };
    form?.addEventListener('change', recount);
    recount();
    return () => form?.removeEventListener('change', recount);
  }, [name]);
  return <output ref={output}>{all ? 'All selected' : count > 0 ? `${count} selected` : 'Selected:'}</output>;
}
