import type { Results, Row } from './results';

/**
 * The targets set before the first line of code, and how each is computed from the results. Ratios are within one run. A
 * target without a measurement says so.
 */
export type Target = {
  goal: string;
  target: string;
  measured: (results: Results) => number | undefined;
  met: (value: number) => boolean;
  unit?: string;
};

type Of = (row: Row) => number | undefined;
const rowsOf = (results: Results, scenario: string): Row[] => results.scenarios[scenario]?.rows ?? [];
const find = (results: Results, scenario: string, what: string) =>
  rowsOf(results, scenario).find((row) => row.what.startsWith(what));
const ratio = (above: number | undefined, below: number | undefined) =>
  above === undefined || below === undefined ? undefined : above / below;
const most = (values: (number | undefined)[]) => {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
};

const beside =
  (of: string, name: string, yard: string): Of =>
  (row) =>
    ratio(row.of[of]?.[name], row.of[yard]?.[name]);
const yardstick = (atOnce: number, of: Of) => (results: Results) => {
  const row = find(results, 'yardsticks', `Users page, ${atOnce} at once`);
  return row && of(row);
};

const p50 = (row: Row | undefined) => row?.of.product?.p50;
const largest = (rows: Row[]) => Math.max(...rows.map(({ users }) => users ?? 0));
/** The row of a view of the Users page for one tenant size. */
const view = (results: Results, what: string, users: number) =>
  rowsOf(results, 'users-page').find((row) => row.what === what && row.users === users);

const SEARCH = /^search/;
const bySize = (isAsked: (what: string) => boolean) => (results: Results) => {
  const rows = rowsOf(results, 'users-page');
  return most(
    rows
      .filter(({ what, users }) => users === largest(rows) && isAsked(what))
      .map((row) => ratio(p50(row), p50(view(results, row.what, 1_000)))),
  );
};
const byFirst = (isAsked: (what: string) => boolean) => (results: Results) => {
  const rows = rowsOf(results, 'users-page');
  const first = p50(view(results, 'first page', largest(rows)));
  return most(
    rows.filter(({ what, users }) => users === largest(rows) && isAsked(what)).map((row) => ratio(p50(row), first)),
  );
};
const scim = (what: string) => (results: Results) => {
  const row = find(results, 'scim', what);
  return row && beside('product', 'perSecond', 'limit')(row);
};
const exported = (name: string) => (results: Results) => find(results, 'export', 'export')?.of.product?.[name];

const soaked = (above: string, below: string) => (results: Results) => {
  const own = find(results, 'soak', 'a steady load')?.of.product;
  return ratio(own?.[above], own?.[below]);
};

const atMost = (most: number) => (value: number) => value <= most;
const atLeast = (least: number) => (value: number) => value >= least;

export const TARGETS: Target[] = [
  {
    goal: 'Users page, CPU ÷ that of a plain Next table of the same rows, 16 at once',
    target: '≤ 1',
    measured: yardstick(16, beside('product', 'cpuMs', 'plain')),
    met: atMost(1),
  },
  {
    goal: 'Users page, requests a second ÷ the limit, 16 at once',
    target: '≥ 0.10',
    measured: yardstick(16, beside('product', 'perSecond', 'limit')),
    met: atLeast(0.1),
  },
  {
    goal: 'an unchanged list (304), CPU ÷ the limit, 16 at once',
    target: '≤ 4',
    measured: yardstick(16, beside('unchanged', 'cpuMs', 'limit')),
    met: atMost(4),
  },
  {
    goal: 'an unchanged list, requests a second ÷ the limit, 16 at once',
    target: '≥ 0.35',
    measured: yardstick(16, beside('unchanged', 'perSecond', 'limit')),
    met: atLeast(0.35),
  },
  {
    goal: 'Users page, p50 ÷ the limit, one at a time',
    target: '≤ 4',
    measured: yardstick(1, beside('product', 'p50', 'limit')),
    met: atMost(4),
  },
  {
    goal: 'bytes of the page ÷ the limit, uncompressed',
    target: '≤ 3',
    measured: yardstick(1, beside('product', 'bytes', 'limit')),
    met: atMost(3),
  },
  {
    goal: 'first page at 1,000,000 users, p50 ÷ at 1,000',
    target: '≤ 1.2',
    measured: bySize((what) => what === 'first page'),
    met: atMost(1.2),
  },
  {
    goal: 'the same of every sort, middle and last page (the worst)',
    target: '≤ 1.1',
    measured: bySize((what) => /^by |page$/.test(what)),
    met: atMost(1.1),
  },
  {
    goal: 'last page, p50 ÷ first page',
    target: '≤ 1.1',
    measured: byFirst((what) => what === 'last page'),
    met: atMost(1.1),
  },
  {
    goal: 'any deep page, filter or sort, p50 ÷ first page (the worst)',
    target: '≤ 2',
    measured: byFirst((what) => !SEARCH.test(what)),
    met: atMost(2),
  },
  {
    goal: 'any search, p50 ÷ first page (the worst)',
    target: '≤ 2',
    measured: byFirst((what) => SEARCH.test(what)),
    met: atMost(2),
  },
  {
    goal: 'SCIM create, requests a second ÷ the limit',
    target: '≥ 0.25',
    measured: scim('SCIM create'),
    met: atLeast(0.25),
  },
  {
    goal: '10,000 invited by a list, from the confirmation to the last',
    target: '≤ 1 s',
    measured: (results) => find(results, 'import', '10,000')?.of.product?.seconds,
    met: atMost(1),
    unit: ' s',
  },
  { goal: 'export, rows a second', target: '≥ 300,000', measured: exported('rowsPerSecond'), met: atLeast(300_000) },
  { goal: 'export, memory added', target: '≤ 20 MiB', measured: exported('addedMiB'), met: atMost(20), unit: ' MiB' },
  {
    goal: 'sign-ins a second ÷ password hashes a second',
    target: '≥ 0.8',
    measured: (results) => {
      const row = find(results, 'sign-in', 'sign-in');
      return row && beside('product', 'perSecond', 'hashes')(row);
    },
    met: atLeast(0.8),
  },
  {
    goal: 'Users page in a storm of sign-ins, p95 ÷ before',
    target: '≤ 2',
    measured: (results) =>
      ratio(
        find(results, 'sign-in', 'Users page, sign-ins storm')?.of.product?.p95,
        find(results, 'sign-in', 'Users page, nobody')?.of.product?.p95,
      ),
    met: atMost(2),
  },
  {
    goal: 'requests served that were started after a revocation was answered',
    target: '0',
    measured: (results) => find(results, 'revocation', 'together')?.of.product?.servedAfter,
    met: atMost(0),
  },
  {
    goal: 'at four times what it can do, over kept connections: requests and probes of health unanswered, or refused without Retry-After',
    target: '0',
    measured: (results) => {
      const own = find(results, 'overload', '4 ×')?.of.product;
      return own && (own.healthUnanswered ?? 0) + (own.refusedWithoutRetryAfter ?? 0) + (own.otherwise ?? 0);
    },
    met: atMost(0),
  },
  {
    goal: 'until it answers as before, afterwards',
    target: '≤ 5 s',
    measured: (results) => ratio(find(results, 'overload', '4 ×')?.of.product?.recoveryMs, 1_000),
    met: atMost(5),
    unit: ' s',
  },
  {
    goal: 'memory after half an hour of a steady load ÷ after its first minutes',
    target: '≤ 1.1',
    measured: soaked('rssAtEndMb', 'rssAfterWarmUpMb'),
    met: atMost(1.1),
  },
  {
    goal: 'the same of sockets, timers and the like',
    target: '≤ 1.1',
    measured: soaked('handlesAtEnd', 'handlesAfterWarmUp'),
    met: atMost(1.1),
  },
  {
    goal: 'memory of the process after the load',
    target: '≤ 350 MiB',
    measured: yardstick(16, (row) => row.of.product?.rssMb),
    met: atMost(350),
    unit: ' MiB',
  },
];
