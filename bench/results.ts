import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { z } from 'zod';

/**
 * The stored measurements: `bench/results.json`, from full runs, is the source of the charts and tables in
 * docs/performance.md. A scenario is replaced as a whole, so that compared figures come from one run.
 */
const figures = z.record(z.string(), z.number());
const row = z.object({
  what: z.string(),
  /** The number of people in the tenant; null if it makes no difference. */
  users: z.number().nullable(),
  /** By server: `limit` is the bare one, `product` is Rollcall. */
  of: z.record(z.string(), figures),
});
const scenario = z.object({
  takenAt: z.string(),
  commit: z.string(),
  /** Other work on the machine at the start: the load average of the last minute. Two cores are fully used at 2. */
  load: z.number(),
  seconds: z.number(),
  rows: z.array(row),
});
const results = z.object({
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    memoryGiB: z.number(),
    system: z.string(),
    node: z.string(),
    postgres: z.string(),
  }),
  scenarios: z.record(z.string(), scenario),
});
export type Row = z.output<typeof row>;
export type Results = z.output<typeof results>;

export const RESULTS = 'bench/results.json';

export const readResults = (file = RESULTS): Results => results.parse(JSON.parse(readFileSync(file, 'utf8')));

export function mergeResults(file: string, name: string, taken: Results['scenarios'][string], postgres: string): void {
  const scenarios = existsSync(file) ? readResults(file).scenarios : {};
  const merged: Results = { machine: machine(postgres), scenarios: { ...scenarios, [name]: taken } };
  writeFileSync(file, `${JSON.stringify(merged, rounded, 2)}\n`);
}

/** Rounds to four significant digits: no figure here is precise to more than three. */
const rounded = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

/** Facts of the machine, without its name. */
const machine = (postgres: string): Results['machine'] => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  postgres,
});

export const circumstances = () => ({
  takenAt: new Date().toISOString(),
  commit: commit(),
  load: Number((loadavg()[0] ?? 0).toFixed(2)),
});

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

/** One line per row and server: its figures, and their ratios to the limit's. */
export function table(rows: Row[]): string {
  return rows
    .flatMap(({ what, users, of }) =>
      Object.entries(of).map(([server, own]) => {
        const limit = of.limit ?? {};
        const cells = Object.entries(own).map(([name, value]) => {
          const yard = limit[name];
          const times = server !== 'limit' && yard ? ` (× ${(value / yard).toFixed(2)})` : '';
          return `${name} ${short(value)}${times}`;
        });
        return `${what.padEnd(34)} ${(users?.toLocaleString('en') ?? '').padStart(9)}  ${server.padEnd(10)} ${cells.join('  ')}`;
      }),
    )
    .join('\n');
}

const short = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1);
