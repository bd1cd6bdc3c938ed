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

/** The tables hashed with each lasting key. Without that key their rows can no longer be matched. */
const HASHED_BY = { 'rate-limits': rateLimits, departures: scimDepartures } as const satisfies Record<
  LastingKey,
  object
>;

/**
 * For a SEALING_KEY that is lost for good: recreates the keys without which the product does not start. Rows that depend on them
 * are deleted: rate-limit counts, and the record of people whom identity providers have deleted. Identity providers need the new
 * certificate. Sealed authenticator apps, links and waiting mail stay unusable until each person's is renewed.
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
  // Another process is running, so the key is not lost.
  if (!lost) return refuse('key-in-use');
  await ensureKeyPair();
  await readLastingKeys();
  const [{ certificate }] = await keyPairs();
  return done({ madeAnew: lost, samlCertificate: certificate });
}
