import { readFile } from 'node:fs/promises';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import type { Db } from '@/db/client';

/** What Postgres did for a statement: the indexes it used, how much it read, and how long it took. */
export type Plan = {
  statement: string;
  indexes: string[];
  /** The indexes used by index-only scans. */
  indexOnly: string[];
  /** Tables with a sequential scan. */
  scanned: string[];
  /** Index entries and rows read, whether or not a filter kept them. */
  read: number;
  buffers: number;
  planMs: number;
  ms: number;
};

type Node = {
  'Node Type': string;
  'Index Name'?: string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Node[];
};
type Explained = { Plan: Node; 'Planning Time': number; 'Execution Time': number };

/** Records the statements that the product sends while `work` runs, as the driver sends them. */
export async function statementsOf(databaseUrl: string, work: () => Promise<unknown>) {
  const sent: { query: string; parameters: unknown[] }[] = [];
  const shared = globalThis as typeof globalThis & { rollcallDb?: Db };
  const usual = shared.rollcallDb;
  const sql = postgres(databaseUrl, {
    max: 1,
    debug: (_, query, parameters) => sent.push({ query, parameters: parameters.map((each) => each) }),
  });
  shared.rollcallDb = drizzle(sql);
  try {
    await work();
    return sent.filter(({ query }) => !query.includes('pg_catalog.pg_type'));
  } finally {
    shared.rollcallDb = usual as Db;
    await sql.end();
  }
}

/** Runs a statement `times` times and returns the fastest plan. Writes are rolled back. */
export async function explain(
  sql: Sql | TransactionSql,
  { query, parameters }: { query: string; parameters: unknown[] },
  times = 1,
): Promise<Plan> {
  const runs: Explained[] = [];
  for (let run = 0; run < times; run++) runs.push(await explained(sql, query, parameters));
  const best = runs.reduce((a, b) => (b['Execution Time'] < a['Execution Time'] ? b : a));
  // The plan also contains nodes that never ran.
  const nodes = all(best.Plan).filter((node) => node['Actual Loops'] > 0);
  const indexesOf = (type: RegExp) => [
    ...new Set(nodes.filter((node) => type.test(node['Node Type'])).flatMap((node) => node['Index Name'] ?? [])),
  ];
  return {
    statement: query,
    indexes: indexesOf(/./),
    indexOnly: indexesOf(/Index Only/),
    scanned: nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => String(node['Relation Name'])),
    read: sum(nodes, (node) =>
      /Scan$/.test(node['Node Type']) && !/^(CTE|Subquery|Function|Values)/.test(node['Node Type'])
        ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
          node['Actual Loops']
        : 0,
    ),
    buffers: best.Plan['Shared Hit Blocks'] + best.Plan['Shared Read Blocks'],
    planMs: best['Planning Time'],
    ms: best['Execution Time'],
  };
}

async function explained(sql: Sql | TransactionSql, query: string, parameters: unknown[]): Promise<Explained> {
  const undone = new Error('undone');
  let result: Explained[] | undefined;
  const run = async (tx: TransactionSql) => {
    const [row] = await tx.unsafe(`explain (analyze, buffers, format json) ${query}`, parameters as string[]);
    result = row?.['QUERY PLAN'] as Explained[];
    throw undone;
  };
  await ('savepoint' in sql ? sql.savepoint(run) : sql.begin(run)).catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  const [first] = result ?? [];
  if (!first) throw new Error('no plan');
  return first;
}

/**
 * The server's CPU time for a statement in ms, the best of three. Reads /proc, so it needs Linux and a local server. Other load
 * on the machine changes it little.
 */
export async function cpuOf(
  sql: Sql,
  { query, parameters }: { query: string; parameters: unknown[] },
): Promise<number> {
  return sql.begin('read only', async (tx) => {
    const [backend] = await tx`select pg_backend_pid() as pid`;
    const used = async () => Number((await readFile(`/proc/${backend?.pid}/schedstat`, 'utf8')).split(' ')[0]) / 1e6;
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3; run++) {
      const before = await used();
      await tx.unsafe(query, parameters as string[]);
      least = Math.min(least, (await used()) - before);
    }
    return least;
  });
}

const all = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(all)];
const sum = (nodes: Node[], of: (node: Node) => number) =>
  Math.round(nodes.reduce((total, node) => total + of(node), 0));
