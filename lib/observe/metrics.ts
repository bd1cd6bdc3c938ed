import cluster from 'node:cluster';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * The process's own metrics, for `/api/metrics`. Every label has a closed set of values (route patterns, literals of the
 * code), so that outside input cannot create a series. Tenants and people appear only in the log.
 */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const QUERY_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

/** `wanted`: statements and transactions that need a connection. Those beyond `size` wait for one. */
export type Pool = { wanted: number; size: number };

function make() {
  const registry = new Registry();
  const registers = [registry];
  const pools = new Map<string, Pool>();
  if (cluster.isWorker) {
    // Answers the primary when it asks for metrics.
    AggregatorRegistry.setRegistries(registry);
    new AggregatorRegistry();
  }
  const ofPools = (name: string, help: string, read: (pool: Pool) => number) =>
    new Gauge({
      name: `rollcall_database_pool_${name}`,
      help,
      labelNames: ['pool'] as const,
      registers,
      collect() {
        for (const [pool, standing] of pools) this.set({ pool }, read(standing));
      },
    });
  ofPools('size', 'Connections that the processes may open.', ({ size }) => size);
  ofPools('in_use', 'Connections at work.', ({ wanted, size }) => Math.min(wanted, size));
  ofPools('waiting', 'Statements and transactions that wait for a connection.', ({ wanted, size }) =>
    Math.max(0, wanted - size),
  );
  return {
    registry,
    pools,
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

// One per process: the server, the gate and the pages are bundled separately.
const shared = globalThis as typeof globalThis & { rollcallMetrics?: ReturnType<typeof make> };
shared.rollcallMetrics ??= make();
export const metrics = shared.rollcallMetrics;

/** Memory, event loop and garbage collection. Only for a serving process; the command line does not need them. */
export const watchProcess = (): void => collectDefaultMetrics({ register: metrics.registry });
