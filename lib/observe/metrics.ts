import cluster from 'node:cluster';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * What a process counts of itself, for `/api/metrics`. Every label is of a closed set (patterns of the table of routes,
 * literals of the code), so that nothing which is sent from outside makes a series; tenants and people are in the log.
 */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const QUERY_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

function make() {
  const registry = new Registry();
  /** Statements and transactions that want a connection; beyond the size of the pool they wait for one. */
  const demand = { now: 0, poolSize: 0 };
  const registers = [registry];
  if (cluster.isWorker) {
    // Listens for the primary's question.
    AggregatorRegistry.setRegistries(registry);
    new AggregatorRegistry();
  }
  const pool = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `rollcall_database_pool_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  pool('size', 'Connections that the processes may open.', () => demand.poolSize);
  pool('in_use', 'Connections at work.', () => Math.min(demand.now, demand.poolSize));
  pool('waiting', 'Statements and transactions that wait for a connection.', () =>
    Math.max(0, demand.now - demand.poolSize),
  );
  return {
    registry,
    demand,
    requests: new Histogram({
      name: 'rollcall_request_seconds',
      help: 'Requests by pattern of the route, method and status.',
      labelNames: ['route', 'method', 'status'] as const,
      buckets: SECONDS,
      registers,
    }),
    queries: new Histogram({
      name: 'rollcall_query_seconds',
      help: 'Statements by kind, from the wish for a connection to the last row.',
      labelNames: ['operation'] as const,
      buckets: QUERY_SECONDS,
      registers,
    }),
    queryFailures: new Counter({
      name: 'rollcall_query_failures_total',
      help: 'Statements that failed, by kind.',
      labelNames: ['operation'] as const,
      registers,
    }),
    signIns: new Counter({
      name: 'rollcall_sign_ins_total',
      help: 'Steps of signing in by method, and what came of them.',
      labelNames: ['method', 'outcome'] as const,
      registers,
    }),
    scim: new Histogram({
      name: 'rollcall_scim_request_seconds',
      help: 'Requests of identity providers by operation and status.',
      labelNames: ['operation', 'status'] as const,
      buckets: SECONDS,
      registers,
    }),
    mailAttempts: new Counter({
      name: 'rollcall_mail_attempts_total',
      help: 'Mails offered to the mail server, by what came of it.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    workFailures: new Counter({
      name: 'rollcall_work_failures_total',
      help: 'Rounds of the product’s own work that failed.',
      labelNames: ['work'] as const,
      registers,
    }),
  };
}

// One for the process: the server, the gate and the pages are bundled apart.
const shared = globalThis as typeof globalThis & { rollcallMetrics?: ReturnType<typeof make> };
shared.rollcallMetrics ??= make();
export const metrics = shared.rollcallMetrics;

/** Of the process itself: memory, event loop, garbage. Only where it serves; the shell needs none of it. */
export const watchProcess = (): void => collectDefaultMetrics({ register: metrics.registry });
