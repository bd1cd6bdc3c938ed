import { and, asc, eq, isNotNull, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { db } from '@/db/client';
import { purposeOf } from '@/db/key-proof';
import { totpEnrolments, totpFactors } from '@/db/schema/factors';
import { invitations } from '@/db/schema/invitations';
import { lastingKeys } from '@/db/schema/lasting-keys';
import { mails } from '@/db/schema/mails';
import { samlKeys } from '@/db/schema/saml';
import { acrossTenants } from '@/db/tenant-wall';
import { sealAnew } from '@/lib/crypto/seal';
import { LINK_PURPOSE } from '@/lib/invitations/link';
import { MAIL_PURPOSE } from '@/lib/mail/outbox';
import { TOTP_PURPOSE } from '@/lib/mfa/totp';
import { SAML_KEY_PURPOSE } from '@/lib/saml/keys';

/**
 * Reseals stored values with the current key, so that the previous one can be retired. Works in batches and updates a row only if
 * it is unchanged since it was read: safe while the product runs, and can be restarted if interrupted.
 */
type Place = { table: PgTable; id: [PgColumn, ...PgColumn[]]; sealed: PgColumn; purpose: (id: string) => string };

export const PLACES: Record<string, Place> = {
  'links of invitations': {
    table: invitations,
    id: [invitations.id],
    sealed: invitations.tokenSealed,
    purpose: () => LINK_PURPOSE,
  },
  'waiting mail': { table: mails, id: [mails.id], sealed: mails.contentSealed, purpose: () => MAIL_PURPOSE },
  'authenticator apps': {
    table: totpFactors,
    id: [totpFactors.tenantId, totpFactors.userId],
    sealed: totpFactors.secretSealed,
    purpose: () => TOTP_PURPOSE,
  },
  'authenticator apps being set up': {
    table: totpEnrolments,
    id: [totpEnrolments.sessionId],
    sealed: totpEnrolments.secretSealed,
    purpose: () => TOTP_PURPOSE,
  },
  'SAML keys': {
    table: samlKeys,
    id: [samlKeys.id],
    sealed: samlKeys.privateKeySealed,
    purpose: () => SAML_KEY_PURPOSE,
  },
  'lasting keys': { table: lastingKeys, id: [lastingKeys.name], sealed: lastingKeys.keySealed, purpose: purposeOf },
};

/** `unopenable`: sealed with a key that is not configured. These rows stay as they are. */
export type Resealed = { current: number; resealed: number; unopenable: number };
const BATCH = 500;

export const resealAll = (): Promise<Record<string, Resealed>> =>
  acrossTenants(async () => {
    const all: Record<string, Resealed> = {};
    for (const [name, place] of Object.entries(PLACES)) all[name] = await reseal(place);
    return all;
  });

async function reseal(place: Place): Promise<Resealed> {
  const count: Resealed = { current: 0, resealed: 0, unopenable: 0 };
  for (let last: string[] | undefined; ; ) {
    const rows = await readBatch(place, last);
    await db.transaction(async (tx) => {
      for (const { id, sealed } of rows) {
        const anew = sealAnew(sealed, place.purpose(id[0] ?? ''));
        if (anew === 'current') count.current++;
        else if (anew === null) count.unopenable++;
        else {
          const isRow = and(isAt(place, id), eq(place.sealed, sealed));
          await tx.execute(
            sql`update ${place.table} set ${sql.identifier(place.sealed.name)} = ${anew.sealed} where ${isRow}`,
          );
          count.resealed++;
        }
      }
    });
    if (rows.length < BATCH) return count;
    last = rows.at(-1)?.id;
  }
}

const isAt = ({ id }: Place, values: string[]): SQL | undefined =>
  and(...id.map((column, i) => eq(column, values[i] ?? '')));

/** In primary key order, so that each batch is one range of its index. */
const readBatch = ({ table, id, sealed }: Place, last: string[] | undefined) =>
  db
    .select({
      id: sql<string[]>`json_build_array(${sql.join(
        id.map((column) => sql`${column}::text`),
        sql`, `,
      )})`,
      sealed: sql<string>`${sealed}`,
    })
    .from(table)
    .where(and(isNotNull(sealed), last && beyond(id, last)))
    .orderBy(...id.map((column) => asc(column)))
    .limit(BATCH);

const beyond = (id: PgColumn[], last: string[]): SQL =>
  sql`(${sql.join(id, sql`, `)}) > (${sql.join(
    id.map((column, i) => sql`${last[i]}::text::${sql.raw(column.getSQLType())}`),
    sql`, `,
  )})`;
