import { type Outcome, refuse } from '@/lib/outcome';
import { orAddressTaken } from '@/lib/users/address';

/**
 * Runs several commands as one: if a later one refuses, the writes of the earlier ones are rolled back. `undoing` wraps
 * what runs inside the transaction, `whole` wraps the transaction.
 */
class Undone extends Error {
  constructor(readonly refusal: string) {
    super(refusal);
  }
}

export const undoing =
  <A extends unknown[], T, R extends string>(deed: (...args: A) => Promise<Outcome<T, R>>) =>
  async (...args: A): Promise<Outcome<T, R>> => {
    const outcome = await deed(...args);
    if (!outcome.ok) throw new Undone(outcome.refusal);
    return outcome;
  };

export async function whole<T, R extends string>(
  work: Promise<Outcome<T, R>>,
): Promise<Outcome<T, R | 'address-taken'>> {
  try {
    return await orAddressTaken(work);
  } catch (error) {
    if (error instanceof Undone) return refuse(error.refusal as R);
    throw error;
  }
}
