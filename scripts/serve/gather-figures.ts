import cluster from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import { type Gathered, isAsked } from '@/lib/observe/gather';

/** The primary's half of `gather`: it adds up the metrics of its workers. */
export function gatherFigures(): void {
  const aggregator = new AggregatorRegistry();
  cluster.on('message', (worker, message) => {
    if (!isAsked(message)) return;
    const { figures } = message;
    aggregator
      .clusterMetrics()
      .catch(() => null)
      // The worker may have exited by now, which closes its channel.
      .then((text) => worker.isConnected() && worker.send({ figures, text } satisfies Gathered, () => {}));
  });
}
