import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const [NARROW, WIDE] = [
  { width: 360, height: 800 },
  { width: 1280, height: 800 },
];

/** One document without frames: axe is put into it once, and asked for nothing but what is wrong. */
async function expectNoViolations(page: Page, name: string, runOnly: axe.RunOptions['runOnly']): Promise<void> {
  // Between two pages there is none for a moment.
  await expect(page).toHaveTitle(/\S/);
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const options = { runOnly, resultTypes: ['violations'], iframes: false } as axe.RunOptions;
  const violations = await page.evaluate(async (options) => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(options);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  }, options);
  expect(violations.map((violation) => `${name}: ${violation}`)).toEqual([]);
}

/** WCAG 2.2 AA, as far as a machine can tell. */
export const expectAccessible = (page: Page, name: string): Promise<void> => expectNoViolations(page, name, WCAG);

/** The same wide and light; in the dark what is of colours, and at 360 pixels what is of places. */
export async function expectGoodEverywhere(page: Page, name: string): Promise<void> {
  await page.setViewportSize(WIDE);
  // Without motion: a colour on its way to the other scheme is neither.
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await expectAccessible(page, name);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectNoViolations(page, `${name}, dark`, ['color-contrast', 'link-in-text-block']);
  await page.setViewportSize(NARROW);
  const places = ['target-size', 'scrollable-region-focusable', 'color-contrast'];
  await expectNoViolations(page, `${name}, narrow`, places);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect([name, overflow <= 0]).toEqual([name, true]);
}
