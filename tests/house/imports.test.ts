import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The house, floor by floor: a file may import its own floor and those below. The first pattern that fits decides. */
const FLOORS: [floor: string, pattern: RegExp][] = [
  ['face', /^(app\/|proxy\.ts|instrumentation\.ts|lib\/boot\.ts|lib\/health\/|scripts\/)/],
  ['doors', /^lib\/(auth\/|api\/|api-keys\/|saml\/|scim\/|jobs\/|bulk\.ts|housekeeping\.ts|reseal\.ts|lost-key\.ts)/],
  ['invitations', /^lib\/(invitations|mfa)\//],
  ['users', /^lib\/users\//],
  ['tenants', /^lib\/tenants\//],
  ['record', /^lib\/(sessions\/|audit\/|mail\/|rate-limit\.ts)/],
  ['db', /^db\/(?!schema\/)/],
  ['schema', /^db\/schema\//],
  [
    'leaves',
    /^lib\/(env|actor|content-security|outcome|body-text|counted|escape-html|csv|cursor)\.ts|^lib\/(crypto|observe)\//,
  ],
];
const KEPT = /^(app|components|db|lib|scripts)\/|^(proxy|instrumentation)\.ts$/;

const files = ['app', 'components', 'db', 'lib', 'scripts']
  .flatMap((room) => readdirSync(room, { recursive: true, encoding: 'utf8' }).map((file) => join(room, file)))
  .concat('proxy.ts', 'instrumentation.ts')
  .filter((file) => /\.tsx?$/.test(file));

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap(([, given = '']) => {
    if (given.startsWith('@/')) return [given.slice(2)];
    return given.startsWith('.') ? [relative('.', join(dirname(file), given))] : [];
  });
const floorOf = (file: string) =>
  FLOORS.findIndex(([, pattern]) => pattern.test(/\.\w+$/.test(file) ? file : `${file}.ts`));
const arrows = files.flatMap((file) =>
  importsOf(file)
    .filter((to) => KEPT.test(`${to}.ts`))
    .map((to) => ({ file, to })),
);

describe('the house', () => {
  test('has a floor for every file', () => {
    expect(files.filter((file) => !file.startsWith('components/') && floorOf(file) === -1)).toEqual([]);
    expect(files.every((file) => KEPT.test(file))).toBe(true);
    expect(arrows.length).toBeGreaterThan(300);
  });

  test('imports only downwards', () => {
    const inHouse = arrows.filter(({ file, to }) => !file.startsWith('components/') && !to.startsWith('components/'));
    expect(
      inHouse.filter(({ file, to }) => floorOf(to) < floorOf(file)).map(({ file, to }) => `${file} → ${to}`),
    ).toEqual([]);
  });

  test('keeps components free of rules and tables', () => {
    const up = arrows.filter(({ file, to }) => file.startsWith('components/') && !to.startsWith('components/'));
    expect(up).toEqual([]);
    expect(arrows.filter(({ file, to }) => /^(lib|db)\//.test(file) && to.startsWith('components/'))).toEqual([]);
  });

  test('keeps tables out of actions, and transactions in commands', () => {
    expect(arrows.filter(({ file, to }) => file.endsWith('actions.ts') && to.startsWith('db/'))).toEqual([]);
    const opening = files.filter(
      (file) => /^(app|components)\//.test(file) && /\b(tenantT|t)ransaction\(/.test(readFileSync(file, 'utf8')),
    );
    expect(opening).toEqual([]);
  });

  test('has no drawer for odds and ends, and no barrel in lib', () => {
    expect(files.filter((file) => /\b(utils?|helpers?|common|misc|types|service|manager)\.tsx?$/.test(file))).toEqual(
      [],
    );
    expect(files.filter((file) => /^lib\/.*index\.ts$/.test(file))).toEqual([]);
  });
});
