import fc from 'fast-check';

/**
 * The same cases on every run, so that a red run is the change's; `FUZZ_SEED=$RANDOM FUZZ_TIMES=50` looks further.
 */
const SEED = Number(process.env.FUZZ_SEED ?? 20_260);
fc.configureGlobal({ seed: SEED });

export const times = (runs: number): number => runs * Number(process.env.FUZZ_TIMES ?? 1);
export { default as fc } from 'fast-check';

/**
 * Of calls that leave something behind, the first that fails is told; what was sent may be long. Each door has cases of its
 * own, the same on every run.
 */
export const oneAfterAnother = <T>(door: string) => ({
  endOnFailure: true,
  seed: [...door].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, SEED),
  asyncReporter: async ({ failed, numRuns, errorInstance }: fc.RunDetails<T>) => {
    if (failed) throw new Error(`FUZZ_SEED=${SEED}, call ${numRuns}: ${errorInstance}`, { cause: errorInstance });
  },
});
