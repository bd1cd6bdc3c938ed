import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metrics } from '@/lib/observe/metrics';
import { readCommand } from '@/scripts/admin/read-command';

/** What an operator finds in the docs at three in the morning must be there. */
const docs = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const textOf = (file: string) => readFileSync(file, 'utf8');
const operating = `${textOf('docs/runbook.md')}${textOf('docs/operating.md')}`;

test('every command that the docs name is one', () => {
  const commands = docs.flatMap((file) =>
    [...textOf(file).matchAll(/npm run -s admin -- ([^`\n|#]+)/g)].map(([, words = '']) => words.trim()),
  );
  const complete = commands.filter((words) => !/--help|…|\||[A-Z]{3}/.test(words));
  expect(complete.length).toBeGreaterThan(15);
  for (const words of complete) expect(() => readCommand(words.split(/\s+/)), words).not.toThrow();
});

test('every figure that the docs name is counted', async () => {
  const ofDatabase = ['mail_waiting', 'mail_oldest_seconds', 'jobs_open', 'jobs_late_seconds'].map(
    (name) => `rollcall_${name}`,
  );
  const counted = [...(await metrics.registry.getMetricsAsJSON()).map(({ name }) => name), ...ofDatabase];
  const named = [...operating.matchAll(/\brollcall_[a-z_]+[a-z]/g)].map(([name]) => name.replace(/_count$/, ''));
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((name) => !counted.includes(name))).toEqual([]);
});

test('every log line, test and doc that the runbook names is there', () => {
  const runbook = textOf('docs/runbook.md').replace(/\n(?!\n)/g, ' ');
  const code = ['proxy.ts', 'lib/boot.ts', 'lib/mail/settle.ts'].map(textOf).join();
  for (const line of ['The gate could not decide', 'A mail was', 'Mail delivery', 'Housekeeping']) {
    expect(runbook).toContain(line);
    expect(code).toContain(line);
  }
  const tests = [...runbook.matchAll(/`(tests\/[\w./-]+)`/g)].map(([, file = '']) => file);
  expect(tests.filter((file) => !existsSync(file))).toEqual([]);
});
