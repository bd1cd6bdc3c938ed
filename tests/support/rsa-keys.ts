import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';

/** PEM both. */
export type Keys = { privateKey: string; certificate: string };

/** A key pair with a certificate of its own, as an identity provider has it. */
export async function newKeys(days = 365, modulusLength = 2048): Promise<Keys> {
  const crypto = webcrypto as Crypto;
  cryptoProvider.set(crypto);
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength,
  };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=The provider',
    notBefore: new Date(Date.now() - 86_400_000 * 400),
    notAfter: new Date(Date.now() + days * 86_400_000),
    signingAlgorithm: algorithm,
    keys,
  });
  const privateKey = KeyObject.from(keys.privateKey as webcrypto.CryptoKey).export({ type: 'pkcs8', format: 'pem' });
  return { privateKey: privateKey.toString(), certificate: certificate.toString('pem') };
}
