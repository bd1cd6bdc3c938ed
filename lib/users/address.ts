import { violates } from '@/db/conflict';
import { type Outcome, refuse } from '@/lib/outcome';

/**
 * Two deeds that take the same address, or the same name at the identity provider, at the same moment: the index lets one through, and the other is refused in words
 * rather than by an error.
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
