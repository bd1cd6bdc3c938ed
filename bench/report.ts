import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { barChart } from './chart';
import { type Results, type Row, readResults } from './results';
import { TARGETS } from './targets';

/**
 * Writes the charts and the tables of docs/performance.md from `bench/results.json`: `node --import tsx bench/report.ts`.
 * The prose stays in the document; every figure between its marks comes from the file.
 */
export const DOCUMENT = 'docs/performance.md';
export const IMAGES = 'docs/images/performance';

export function report(results: Results, document: string): { document: string; images: Record<string, string> } {
  const tables = tablesOf(results);
  const filled = document.replace(
    /(<!-- figures: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) =>
      `${begin}\n${tables[name] ?? `No “${name}” was measured.`}\n\n${end}`,
  );
  return { document: filled, images: chartsOf(results) };
}

const rowsOf = (results: Results, scenario: string): Row[] => results.scenarios[scenario]?.rows ?? [];
const times = (value: number | undefined, yard: number | undefined) =>
  value === undefined || !yard ? undefined : value / yard;

function tablesOf(results: Results): Record<string, string> {
  const { machine, scenarios } = results;
  return {
    machine: `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, PostgreSQL ${machine.postgres}.`,
    targets: markdown(
      ['goal', 'target', 'measured', ''],
      TARGETS.map(({ goal, target, measured, met, unit = '' }) => {
        const value = measured(results);
        return [
          goal,
          target,
          value === undefined ? 'not measured' : `${short(value)}${unit}`,
          value === undefined ? '' : met(value) ? 'met' : '**missed**',
        ];
      }),
    ),
    yardsticks: markdown(
      ['', 'CPU', '× limit', 'p50', '× limit', 'requests/s', 'bytes', 'gzipped', 'memory'],
      rowsOf(results, 'yardsticks').flatMap(({ what, of }) => [
        [`**${what}**`, '', '', '', '', '', '', '', ''],
        ...Object.entries(of).map(([name, own]) => [
          NAMES[name] ?? name,
          ms(own.cpuMs),
          short(times(own.cpuMs, of.limit?.cpuMs)),
          ms(own.p50),
          short(times(own.p50, of.limit?.p50)),
          short(own.perSecond),
          short(own.bytes),
          short(own.gzipped),
          `${short(own.rssMb)} MiB`,
        ]),
      ]),
    ),
    'users-page': bySize(rowsOf(results, 'users-page')),
    others: markdown(
      ['', 'users', 'p50', 'p95', '× limit', 'CPU', '× limit', 'requests/s'],
      ['detail', 'audit-log', 'invite', 'scim', 'sign-in'].flatMap((name) =>
        rowsOf(results, name).map(({ what, users, of: { product: own = {}, limit } }) => [
          what,
          short(users ?? undefined),
          ms(own.p50),
          ms(own.p95),
          short(times(own.p50, limit?.p50)),
          ms(own.cpuMs),
          short(times(own.cpuMs, limit?.cpuMs)),
          short(own.perSecond),
        ]),
      ),
    ),
    browser: markdown(
      ['', 'view', 'LCP', 'first byte', 'CLS', 'requests', 'bytes', 'of them scripts'],
      rowsOf(results, 'browser').flatMap(({ what, of }) =>
        Object.entries(of).map(([name, own]) => [
          what,
          name,
          ms(own.lcp),
          ms(own.ttfb),
          short(own.cls),
          short(own.requests),
          short(own.bytes),
          short(own.scriptBytes),
        ]),
      ),
    ),
    import: markdown(
      ['', 'until the last', 'people/s', 'checking the list', 'answer to the confirmation'],
      rowsOf(results, 'import').flatMap(({ what, of }) =>
        Object.entries(of).map(([name, own]) => [
          `${what}: ${NAMES[name] ?? name}`,
          seconds(own.seconds),
          short(own.perSecond),
          seconds(own.checkSeconds),
          seconds(own.answerSeconds),
        ]),
      ),
    ),
    export: markdown(
      ['', 'rows', 'rows/s', 'memory added', 'CPU'],
      rowsOf(results, 'export').flatMap(({ of }) =>
        Object.entries(of).map(([name, own]) => [
          NAMES[name] ?? name,
          short(own.rows),
          short(own.rowsPerSecond),
          `${short(own.addedMiB)} MiB`,
          ms(own.cpuMs),
        ]),
      ),
    ),
    revocation: markdown(
      ['', 'trials', 'served after', 'answer p50', 'p5', 'p50', 'p95', 'p99', 'longest'],
      rowsOf(results, 'revocation').map(({ what, of: { product: own = {} } }) => [
        what,
        short(own.trials),
        short(own.servedAfter),
        ...[own.answerP50, own.p5, own.p50, own.p95, own.p99, own.max].map(ms),
      ]),
    ),
    overload: facts(
      [...rowsOf(results, 'overload'), ...rowsOf(results, 'overload-anew')],
      [
        ['asked for', 'askedPerSecond', '/s'],
        ['what it can do, sixteen at once', 'sustainablePerSecond', '/s'],
        ['served meanwhile', 'servedPerSecond', '/s'],
        ['served, p50', 'servedP50', ' ms'],
        ['served, p95', 'servedP95', ' ms'],
        ['refused by 503, share', 'refusedShare', ''],
        ['refused, p50', 'refusedP50', ' ms'],
        ['refused, p95', 'refusedP95', ' ms'],
        ['refused without Retry-After', 'refusedWithoutRetryAfter', ''],
        ['answered otherwise, or not at all', 'otherwise', ''],
        ['health unanswered, over a kept connection', 'healthUnanswered', ''],
        ['health, p95', 'healthP95', ' ms'],
        ['health unanswered, over a new connection each time', 'newHealthUnanswered', ''],
        ['health, p95', 'newHealthP95', ' ms'],
        ['health unanswered, at HEALTH_PORT, over a new connection each time', 'ownHealthUnanswered', ''],
        ['health, p95', 'ownHealthP95', ' ms'],
        ['memory, after the first minute', 'rssFirstMinuteMb', ' MiB'],
        ['memory, in the last minute', 'rssLastMinuteMb', ' MiB'],
        ['memory, most', 'rssMostMb', ' MiB'],
        ['until three pages in a row came as before', 'recoveryMs', ' ms'],
      ],
    ),
    soak: facts(rowsOf(results, 'soak'), [
      ['minutes', 'minutes', ''],
      ['requests', 'requests', ''],
      ['answered otherwise than expected', 'failed', ''],
      ['p95, first half', 'p95FirstHalf', ' ms'],
      ['p95, second half', 'p95SecondHalf', ' ms'],
      ['memory, after warming up', 'rssAfterWarmUpMb', ' MiB'],
      ['memory, at the end', 'rssAtEndMb', ' MiB'],
      ['memory, most', 'rssMostMb', ' MiB'],
      ['sockets, timers and the like, after warming up', 'handlesAfterWarmUp', ''],
      ['sockets, timers and the like, at the end', 'handlesAtEnd', ''],
    ]),
    runs: markdown(
      ['scenario', 'taken', 'commit', 'load before', 'seconds'],
      Object.entries(scenarios).map(([name, { takenAt, commit, load, seconds }]) => [
        name,
        takenAt.slice(0, 16).replace('T', ' '),
        commit,
        String(load),
        String(seconds),
      ]),
    ),
  };
}

/** A table with one line per fact and one column per row of the results. */
const facts = (rows: Row[], lines: [words: string, name: string, unit: string][]): string =>
  markdown(
    ['', ...rows.map(({ what }) => what)],
    lines.map(([words, name, unit]) => [
      words,
      ...rows.map(({ of }) => (of.product?.[name] === undefined ? '' : `${short(of.product[name])}${unit}`)),
    ]),
  );

const NAMES: Record<string, string> = {
  limit: 'the limit: a bare server',
  plain: 'a plain Next table',
  product: 'Rollcall',
  unchanged: 'Rollcall, unchanged: 304',
};

/** A table with one line per view: its time for each tenant size, and how it grows. */
function bySize(rows: Row[]): string {
  const sizes = [...new Set(rows.map(({ users }) => users ?? 0))].sort((a, b) => a - b);
  const [least = 0, largest = 0] = [sizes[0], sizes.at(-1)];
  const at = (what: string, size: number) => rows.find((row) => row.what === what && row.users === size)?.of;
  const first = at('first page', largest)?.product?.p50;
  return markdown(
    ['view', ...sizes.map((size) => `p50 at ${short(size)}`), '× smallest', '× first page', 'limit p50', 'CPU × limit'],
    [...new Set(rows.map(({ what }) => what))].map((what) => {
      const most = at(what, largest);
      return [
        what,
        ...sizes.map((size) => ms(at(what, size)?.product?.p50)),
        short(times(most?.product?.p50, at(what, least)?.product?.p50)),
        short(times(most?.product?.p50, first)),
        ms(most?.limit?.p50),
        short(times(most?.product?.cpuMs, most?.limit?.cpuMs)),
      ];
    }),
  );
}

function chartsOf(results: Results): Record<string, string> {
  const [one] = rowsOf(results, 'yardsticks');
  const views = rowsOf(results, 'users-page');
  const sizes = [...new Set(views.map(({ users }) => users ?? 0))].sort((a, b) => a - b);
  const others = ['detail', 'audit-log', 'invite', 'scim', 'sign-in'].flatMap((name) => rowsOf(results, name));
  const largest = Math.max(...others.map(({ users }) => users ?? 0));
  const deeds = others.filter(({ users, of }) => of.limit && users === largest);
  const revoked = rowsOf(results, 'revocation');
  return {
    'cost.svg': barChart({
      title: 'What one answer costs',
      unit: 'CPU, × the bare server; one at a time',
      series: ['CPU'],
      rows: Object.entries(one?.of ?? {}).map(([name, own]) => ({
        label: NAMES[name] ?? name,
        values: [times(own.cpuMs, one?.of.limit?.cpuMs)],
      })),
    }),
    'sizes.svg': barChart({
      title: 'The Users page by the size of the tenant',
      unit: 'p50 in ms',
      series: sizes.map((size) => `${short(size)} users`),
      rows: [...new Set(views.map(({ what }) => what))].map((what) => ({
        label: what,
        values: sizes.map((size) => views.find((row) => row.what === what && row.users === size)?.of.product?.p50),
      })),
    }),
    'deeds.svg': barChart({
      title: 'Other answers, in the largest tenant',
      unit: 'CPU, × the bare server doing the same',
      series: ['CPU'],
      rows: deeds.map(({ what, of }) => ({ label: what, values: [times(of.product?.cpuMs, of.limit?.cpuMs)] })),
    }),
    'revocation.svg': barChart({
      title: "From an admin's click to the first refused request",
      unit: 'ms, a busy browser over two processes',
      series: ['p50', 'p95', 'longest'],
      rows: revoked.map(({ what, of: { product: own = {} } }) => ({
        label: what,
        values: [own.p50, own.p95, own.max],
      })),
    }),
  };
}

const markdown = (head: string[], rows: string[][]): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const ms = (value: number | undefined): string => (value === undefined ? '' : `${short(value)} ms`);

const seconds = (value: number | undefined): string => (value === undefined ? '' : `${short(value)} s`);

function short(value: number | undefined): string {
  if (value === undefined) return '';
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { document, images } = report(readResults(process.argv[2]), readFileSync(DOCUMENT, 'utf8'));
  writeFileSync(DOCUMENT, document);
  mkdirSync(IMAGES, { recursive: true });
  for (const [name, svg] of Object.entries(images)) writeFileSync(`${IMAGES}/${name}`, svg);
}
