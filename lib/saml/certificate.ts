import { X509Certificate } from 'node:crypto';

const DAY_MS = 86_400_000;
/** From here on the page warns. */
export const WARN_DAYS = 30;

const pemOf = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n') ?? ''}\n-----END CERTIFICATE-----\n`;

/** A certificate of an identity provider as the page shows it. Trust comes from the metadata, so expiry is a warning, not a bar. */
export type Certificate = {
  base64: string;
  pem: string;
  subject: string;
  fingerprint: string;
  from: Date;
  until: Date;
  keyWords: string;
};

/** Null for what is no certificate, or whose key is none that we verify by: RSA of 2048 bits or more. */
export function readCertificate(given: string): Certificate | null {
  const base64 = given.replace(/-----[A-Z ]+-----/g, '').replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  try {
    const pem = pemOf(base64);
    const certificate = new X509Certificate(pem);
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
    if (type !== 'rsa' || (details?.modulusLength ?? 0) < 2048) return null;
    return {
      base64,
      pem,
      subject: certificate.subject.replaceAll('\n', ', ') || 'without a name',
      fingerprint: certificate.fingerprint256,
      from: new Date(certificate.validFrom),
      until: new Date(certificate.validTo),
      keyWords: `RSA, ${details?.modulusLength} bits`,
    };
  } catch {
    return null;
  }
}

export type Expiry = 'not-yet' | 'valid' | 'soon' | 'expired';

export function expiryOf({ from, until }: Pick<Certificate, 'from' | 'until'>, now: Date): Expiry {
  if (until <= now) return 'expired';
  if (from > now) return 'not-yet';
  return until.getTime() - now.getTime() <= WARN_DAYS * DAY_MS ? 'soon' : 'valid';
}
