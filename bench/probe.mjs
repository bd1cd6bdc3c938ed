import { createServer } from 'node:net';
import { join } from 'node:path';

/**
 * Loaded into a server that is measured (`node --import ./bench/probe.mjs`): tells what the process has used so far, to the
 * microsecond, on a socket named by its pid. Costs nothing while nobody asks.
 */
const { BENCH_PROBES } = process.env;
if (BENCH_PROBES) {
  const told = () => {
    const { user, system } = process.cpuUsage();
    const handles = process.getActiveResourcesInfo().length;
    return JSON.stringify({ cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss(), handles });
  };
  createServer((socket) => socket.end(told()))
    .listen(join(BENCH_PROBES, `${process.pid}.sock`))
    .unref();
}
