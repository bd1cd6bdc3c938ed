import { violates } from '@/db/conflict';
import { type Outcome, refuse } from '@/lib/outcome';

/**
 * If two commands take the same address, or the same SCIM user name, at the same moment, the unique index rejects one of them.
 * Turns that error into a refusal.
 */
export async function orAddressTaken<T, R extends string>(
  deed: Promise<Outcome<T, R>>,
): Promise<Outcome<T, R | 'address-taken'>> {
  try {
    return await deed;
  } catch (error) {
    if (violates(error, 'users_email_once') || violates(error, 'users_scim_name_once')) return refuse('address-taken');
    throw error;
  }
}
