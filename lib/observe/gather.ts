import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { metrics } from './metrics';

/**
 * Metrics of all processes on this machine: a worker asks the primary, which asks each worker and adds up. The answer to a
 * scrape is the same whichever worker gives it.
 */
export type Asked = { figures: string };
export type Gathered = { figures: string; text: string | null };

export const isAsked = (message: unknown): message is Asked =>
  typeof message === 'object' && message !== null && 'figures' in message && !('text' in message);

const isGathered = (message: unknown): message is Gathered =>
  typeof message === 'object' && message !== null && 'figures' in message && 'text' in message;

export function gather(): Promise<string> {
  if (!cluster.isWorker) return metrics.registry.metrics();
  const figures = randomUUID();
  return new Promise((resolve, reject) => {
    const heed = (message: unknown) => {
      if (!isGathered(message) || message.figures !== figures) return;
      process.off('message', heed);
      if (message.text === null) reject(new Error('A worker did not tell its figures.'));
      else resolve(message.text);
    };
    process.on('message', heed);
    process.send?.({ figures } satisfies Asked);
  });
}
