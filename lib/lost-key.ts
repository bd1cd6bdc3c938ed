import { eq, inArray, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { purposeOf } from '@/db/key-proof';
import { type LastingKey, readLastingKeys } from '@/db/lasting-key';
import { lastingKeys } from '@/db/schema/lasting-keys';
import { rateLimits } from '@/db/schema/rate-limits';
import { samlKeys } from '@/db/schema/saml';
import { scimDepartures } from '@/db/schema/scim';
import { acrossTenants } from '@/db/tenant-wall';
import { unseal } from '@/lib/crypto/seal';
import { done, refuse } from '@/lib/outcome';
import { ensureKeyPair, keyPairs, SAML_KEY_PURPOSE } from '@/lib/saml/keys';

/** What was hashed by a lasting key, and is known again by no other. */
const HASHED_BY = { 'rate-limits': rateLimits, departures: scimDepartures } as const satisfies Record<
  LastingKey,
  object
>;

/**
 * Where a SEALING_KEY is lost for good: the keys without which the product does not start are made anew. What they kept is
 * forgotten with them: counts of guesses, and whom identity providers have deleted. Identity providers need the new
 * certificate. Authenticator apps, links and waiting mail that were sealed stay dead, each until its person's is made anew.
 */
export async function makeLostKeysAnew() {
  const lost = await acrossTenants(() =>
    db.transaction(async (tx) => {
      const others = await tx.execute(sql`
        select 1 from pg_stat_activity
        where datname = current_database() and application_name = 'rollcall' and pid <> pg_backend_pid()`);
      if (others.length > 0) return null;
      const lasting = (await tx.select().from(lastingKeys)).filter(
        ({ name, keySealed }) => unseal(keySealed, purposeOf(name)) === null,
      );
      for (const { name } of lasting) {
        await tx.delete(HASHED_BY[name as LastingKey]);
        await tx.delete(lastingKeys).where(eq(lastingKeys.name, name));
      }
      const pairs = (await tx.select().from(samlKeys)).filter(
        ({ privateKeySealed }) => unseal(privateKeySealed, SAML_KEY_PURPOSE) === null,
      );
      const ids = pairs.map(({ id }) => id);
      if (ids.length > 0) await tx.delete(samlKeys).where(inArray(samlKeys.id, ids));
      return { lastingKeys: lasting.map(({ name }) => name), samlKeys: ids.length };
    }),
  );
  // Somebody works with the right key.
  if (!lost) return refuse('key-in-use');
  await ensureKeyPair();
  await readLastingKeys();
  const [{ certificate }] = await keyPairs();
  return done({ madeAnew: lost, samlCertificate: certificate });
}
