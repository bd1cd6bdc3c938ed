import { X509Certificate } from 'node:crypto';

const DAY_MS = 86_400_000;
/** The page warns when this many days or fewer remain. */
export const WARN_DAYS = 30;

const pemOf = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n') ?? ''}\n-----END CERTIFICATE-----\n`;

/** An identity provider's certificate as the page shows it. Trust comes from the metadata, so expiry is only a warning. */
export type Certificate = {
  base64: string;
  pem: string;
  subject: string;
  fingerprint: string;
  from: Date;
  until: Date;
  keyWords: string;
};

/** Null unless it is a certificate with a key that we can verify by: RSA of 2048 bits or more. */
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
