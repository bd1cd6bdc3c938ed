import 'reflect-metadata';
import { createPrivateKey, KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';
import { desc, gt, isNull, or, sql } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { newId } from '@/db/id';
import { samlKeys } from '@/db/schema/saml';
import { transaction } from '@/db/transaction';
import { seal, unseal } from '@/lib/crypto/seal';

/**
 * The product's own key pairs, one at a time for all tenants: made at the first start, sealed in the database, so that all
 * processes share it. The newest signs requests; one that was rotated out still opens encrypted assertions for 30 days,
 * while identity providers take the new certificate from the metadata.
 */
const PURPOSE = 'saml-key';
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

/** Whether this is a private key and its own certificate, in PEM. */
export function isKeyPair({ privateKey, certificate }: KeyPair): boolean {
  try {
    const key = createPrivateKey(privateKey);
    return key.asymmetricKeyType === 'rsa' && new X509Certificate(certificate).checkPrivateKey(key);
  } catch {
    return false;
  }
}

const insert = (tx: Tx, now: Date, { privateKey, certificate }: KeyPair) =>
  tx.insert(samlKeys).values({
    id: newId(now),
    privateKeySealed: seal(privateKey, PURPOSE),
    certificate,
    createdAt: now,
  });

/** At each start. Of several processes one makes it. */
export const ensureKeyPair = (): Promise<void> =>
  transaction(async (tx, now) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall:saml-key'))`);
    const [there] = await tx.select({ id: samlKeys.id }).from(samlKeys).limit(1);
    if (!there) await insert(tx, now, await makeKeyPair(now));
  });

/** By the operator; `given` takes the place of one made here. */
export const rotateKeyPair = (given?: KeyPair): Promise<{ certificate: string; oldUntil: Date }> =>
  transaction(async (tx, now) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall:saml-key'))`);
    const made = given ?? (await makeKeyPair(now));
    const oldUntil = new Date(now.getTime() + OVERLAP_DAYS * DAY_MS);
    await tx.update(samlKeys).set({ retiresAt: oldUntil }).where(isNull(samlKeys.retiresAt));
    await insert(tx, now, made);
    return { certificate: made.certificate, oldUntil };
  });

/** The newest first: that one signs, all of them decrypt. */
export async function keyPairs(now = new Date()): Promise<[KeyPair, ...KeyPair[]]> {
  const rows = await db
    .select()
    .from(samlKeys)
    .where(or(isNull(samlKeys.retiresAt), gt(samlKeys.retiresAt, now)))
    .orderBy(desc(samlKeys.createdAt), desc(samlKeys.id));
  const [newest, ...older] = rows.flatMap(({ privateKeySealed, certificate }) => {
    const privateKey = unseal(privateKeySealed, PURPOSE);
    return privateKey === null ? [] : [{ privateKey, certificate }];
  });
  if (!newest)
    throw new Error('No SAML key pair can be opened: was SEALING_KEY changed? `saml rotate-key` makes a new one.');
  return [newest, ...older];
}
