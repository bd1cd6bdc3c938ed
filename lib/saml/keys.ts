import 'reflect-metadata';
import { createPrivateKey, KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';
import { and, desc, eq, gt, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { newId } from '@/db/id';
import { samlKeys } from '@/db/schema/saml';
import { transaction } from '@/db/transaction';
import { seal, unseal } from '@/lib/crypto/seal';
import { done, refuse } from '@/lib/outcome';

/**
 * The product's own key pairs, shared by all tenants and processes: created at the first start and stored sealed in the
 * database. The newest one in use signs. A retired one still decrypts assertions for 30 days, while providers fetch the new
 * certificate from the metadata. Where they install it by hand, the next one is announced there first and signs once
 * everybody has it (docs/keys.md).
 */
export const SAML_KEY_PURPOSE = 'saml-key';
const YEARS = 10;
const OVERLAP_DAYS = 30;
const DAY_MS = 86_400_000;
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 3072,
};

export type KeyPair = { privateKey: string; certificate: string };

async function makeKeyPair(now: Date): Promise<KeyPair> {
  const crypto = webcrypto as Crypto;
  cryptoProvider.set(crypto);
  const keys = await crypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Rollcall',
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + YEARS * 365 * DAY_MS),
    signingAlgorithm: RSA,
    keys,
  });
  const privateKey = KeyObject.from(keys.privateKey as webcrypto.CryptoKey).export({ type: 'pkcs8', format: 'pem' });
  return { privateKey: privateKey.toString(), certificate: certificate.toString('pem') };
}

/** Whether this is an RSA private key and its own certificate, in PEM. */
export function isKeyPair({ privateKey, certificate }: KeyPair): boolean {
  try {
    const key = createPrivateKey(privateKey);
    return key.asymmetricKeyType === 'rsa' && new X509Certificate(certificate).checkPrivateKey(key);
  } catch {
    return false;
  }
}

const insert = (tx: Tx, now: Date, { privateKey, certificate }: KeyPair, signsSince: Date | null) =>
  tx.insert(samlKeys).values({
    id: newId(now),
    privateKeySealed: seal(privateKey, SAML_KEY_PURPOSE),
    certificate,
    createdAt: now,
    signsSince,
  });

/** Runs key changes one after the other, across all processes. */
const changing = <T>(deed: (tx: Tx, now: Date) => Promise<T>): Promise<T> =>
  transaction(async (tx, now) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall:saml-key'))`);
    return deed(tx, now);
  });

/** Runs at each start. Of several processes, one creates the pair. */
export const ensureKeyPair = (): Promise<void> =>
  changing(async (tx, now) => {
    const [there] = await tx.select({ id: samlKeys.id }).from(samlKeys).limit(1);
    if (!there) await insert(tx, now, await makeKeyPair(now), now);
  });

/** Retires the keys in use. They still decrypt until `retiresAt`. */
const retire = async (
  tx: Tx,
  now: Date,
  retiresAt = new Date(now.getTime() + OVERLAP_DAYS * DAY_MS),
): Promise<Date> => {
  await tx
    .update(samlKeys)
    .set({ retiresAt })
    .where(and(isNotNull(samlKeys.signsSince), isNull(samlKeys.retiresAt)));
  return retiresAt;
};

/** For providers that install certificates by hand: adds the next one to the metadata, without signing by it yet. */
export const announceKeyPair = (given?: KeyPair) =>
  changing(async (tx, now) => {
    const [waiting] = await tx.select({ id: samlKeys.id }).from(samlKeys).where(isNull(samlKeys.signsSince));
    if (waiting) return refuse('key-announced');
    const made = given ?? (await makeKeyPair(now));
    await insert(tx, now, made, null);
    return done({ certificate: made.certificate });
  });

/** The announced key starts to sign. */
export const switchKeyPair = () =>
  changing(async (tx, now) => {
    const [waiting] = await tx.select().from(samlKeys).where(isNull(samlKeys.signsSince));
    if (!waiting) return refuse('no-key-announced');
    const oldUntil = await retire(tx, now);
    await tx.update(samlKeys).set({ signsSince: now }).where(eq(samlKeys.id, waiting.id));
    return done({ certificate: waiting.certificate, oldUntil });
  });

/** For when every provider encrypts for the new key: the old ones are deleted and decrypt nothing any more. */
export const dropOldKeyPairs = () =>
  changing(async (tx) => {
    const dropped = await tx.delete(samlKeys).where(isNotNull(samlKeys.retiresAt)).returning({ id: samlKeys.id });
    return { dropped: dropped.length };
  });

/** Rotates at once, for providers that fetch the metadata themselves. `given` is used instead of a generated pair. */
export const rotateKeyPair = (given?: KeyPair): Promise<{ certificate: string; oldUntil: Date }> =>
  changing(async (tx, now) => {
    const made = given ?? (await makeKeyPair(now));
    const oldUntil = await retire(tx, now);
    await insert(tx, now, made, now);
    return { certificate: made.certificate, oldUntil };
  });

/** The first signs; all decrypt. The last may be announced and not signing yet. */
export async function keyPairs(now = new Date()): Promise<[KeyPair, ...KeyPair[]]> {
  const rows = await db
    .select()
    .from(samlKeys)
    .where(or(isNull(samlKeys.retiresAt), gt(samlKeys.retiresAt, now)))
    .orderBy(sql`${samlKeys.signsSince} desc nulls last`, desc(samlKeys.createdAt), desc(samlKeys.id));
  const [first, ...others] = rows.flatMap(({ privateKeySealed, certificate }) => {
    const privateKey = unseal(privateKeySealed, SAML_KEY_PURPOSE);
    return privateKey === null ? [] : [{ privateKey, certificate }];
  });
  if (!first)
    throw new Error(
      'No SAML key pair can be opened: was SEALING_KEY changed? Is it lost, `keys make-anew --lost` makes a new pair.',
    );
  return [first, ...others];
}
