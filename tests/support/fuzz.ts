import fc from 'fast-check';

/**
 * The same cases on every run, so that a red run is the change's; `FUZZ_SEED=$RANDOM FUZZ_TIMES=50` looks further.
 */
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 20_260) });

export const times = (runs: number): number => runs * Number(process.env.FUZZ_TIMES ?? 1);
export { default as fc } from 'fast-check';
