import { type Outcome, refuse } from '@/lib/outcome';
import { orAddressTaken } from '@/lib/users/address';

/**
 * A deed made of several commands: when a later one refuses, what the earlier ones wrote is taken back. `undoing` wraps
 * what runs inside the transaction, `whole` the transaction.
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
