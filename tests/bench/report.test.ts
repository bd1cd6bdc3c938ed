import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { barChart } from '@/bench/chart';
import { DOCUMENT, IMAGES, report } from '@/bench/report';
import { type Results, readResults } from '@/bench/results';

const kept = readResults();

describe('the performance report', () => {
  it('says what the results say, and its charts show it', () => {
    const document = readFileSync(DOCUMENT, 'utf8');
    const made = report(kept, document);
    expect(document).toBe(made.document);
    for (const [name, svg] of Object.entries(made.images)) expect(readFileSync(`${IMAGES}/${name}`, 'utf8')).toBe(svg);
  });

  it('has a figure in each place, or says that there is none', () => {
    const { document } = report(kept, readFileSync(DOCUMENT, 'utf8'));
    expect(document).not.toMatch(/NaN|undefined|Infinity/);
    expect(document.match(/<!-- figures: /g)).toHaveLength(document.match(/<!-- end -->/g)?.length ?? 0);
  });

  it('says so where a target is missed, and where it was not measured', () => {
    const mark = '<!-- figures: targets -->\n<!-- end -->';
    const line = (results: Results) =>
      report(results, mark)
        .document.split('\n')
        .find((each) => each.includes('after a revocation'));
    const late = structuredClone(kept);
    for (const { of } of late.scenarios.revocation?.rows ?? []) if (of.product) of.product.servedAfter = 1;
    expect(line(kept)).toMatch(/\| 0 \| met \|$/);
    expect(line(late)).toMatch(/\| 1 \| \*\*missed\*\* \|$/);
    expect(line({ ...kept, scenarios: {} })).toMatch(/\| not measured \| {2}\|$/);
  });

  it('draws a bar as long as its value, and escapes what it is called', () => {
    const svg = barChart({
      title: 'A & B',
      unit: 'ms',
      series: ['x'],
      rows: [
        { label: '<b>', values: [5] },
        { label: 'c', values: [10] },
      ],
    });
    const [half, whole] = [...svg.matchAll(/<rect x="230"[^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(whole).toBeCloseTo((half ?? 0) * 2, 0);
    expect(svg).toContain('A &amp; B');
    expect(svg).not.toContain('<b>');
  });
});
