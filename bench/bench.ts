import { setTimeout as sleep } from 'node:timers/promises';
import { findTenantBySlug } from '@/lib/tenants/find';
import { bigTenant } from './seed';
import { type Product, type Running, startLimit, startPlain, startProduct } from './servers';
import type { World } from './world';

/** What scenarios measure with. A server starts at its first use and stops at the end of the run. */
export type Bench = {
  world: World;
  quick: boolean;
  sizes: number[];
  /** The size of the largest tenant. */
  size: number;
  /** Rounds per comparison, after two warm-up rounds. */
  rounds: number;
  product(): Promise<Product>;
  /** Two processes of the product on one database. */
  both(): Promise<Running[]>;
  limit(): Promise<Running>;
  plain(): Promise<Running>;
  stop(): Promise<void>;
};

const STOP_MS = 15_000;
const PORT = Number(process.env.BENCH_PORT ?? 4100);

export function openBench(world: World, quick: boolean): Bench {
  const { sizes } = world.scale;
  const size = Math.max(...sizes);
  const started = new Map<string, Promise<Running>>();
  const once = <T extends Running>(name: string, start: () => Promise<T>): Promise<T> => {
    const running = started.get(name) ?? start();
    started.set(name, running);
    return running as Promise<T>;
  };
  const product = () => once('product', () => startProduct(PORT, world.env));
  return {
    world,
    quick,
    sizes,
    size,
    rounds: quick ? 5 : 7,
    product,
    both: async () => [await product(), await once('second', () => startProduct(PORT + 1, world.env))],
    limit: () => once('limit', () => startLimit(PORT + 2, world.env.DATABASE_URL)),
    plain: () => once('plain', async () => startPlain(PORT + 3, world.env.DATABASE_URL, (await tenantOf(size)).id)),
    stop: async () => {
      // A server that is still starting after STOP_MS ends with this process.
      const ended = [...started.values()]
        .reverse()
        .map((running) => running.then(({ stop }) => stop()).catch(() => {}));
      await Promise.race([Promise.all(ended), sleep(STOP_MS)]);
    },
  };
}

export async function tenantOf(size: number): Promise<{ id: string; slug: string }> {
  const slug = bigTenant(size);
  const tenant = await findTenantBySlug(slug);
  if (!tenant) throw new Error(`There is no tenant “${slug}”.`);
  return tenant;
}
