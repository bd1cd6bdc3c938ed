import { createVerify } from 'node:crypto';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { ExclusiveCanonicalization } from 'xml-crypto';
import { readCertificate } from './certificate';
import { CLOCK_SKEW_MS } from './clock';
import { attribute, child, MESSAGE_LIMITS, NS, readXml, textOf } from './read-xml';
import type { Problem } from './reasons';
import { assertionShape } from './response-shape';

/**
 * Signatures and decryption, by node-saml. Afterwards only verified content is read: the canonical bytes that a signature
 * of the provider covers, parsed again. The signature value is checked against the certificates first, so that strangers
 * are refused before the work that grows with the message.
 */
type By = {
  entityId: string;
  acsUrl: string;
  certificates: string[];
  strict: boolean;
  /** PEM, the newest first. */
  privateKeys: string[];
};

export type Verified = { response: Element; assertion: Element; encrypted: boolean; librarySaid: string | null };

class Verifier extends SAML {
  verified: string | null = null;
  assertionXml: string | null = null;

  /** The library passes the verified bytes to this method only. */
  protected override async getSignedAssertion(signedXml: string): Promise<string | null> {
    this.assertionXml = await super.getSignedAssertion(signedXml);
    this.verified = signedXml;
    return this.assertionXml;
  }
}

/** `root` has passed `responseShape`; `message` is its text. */
export async function verifyResponse(message: string, root: Element, by: By): Promise<Verified | Problem> {
  const key = signingKey(root, by.certificates);
  if (key === null) return { reason: 'unsigned' };
  const assertion = child(root, NS.assertion, 'Assertion');
  const encrypted = assertion === null && child(root, NS.assertion, 'EncryptedAssertion') !== null;
  if (!assertion && !encrypted) return { reason: 'no-assertion' };
  const assertionKey = assertion && signingKey(assertion, by.certificates);
  if (by.strict && assertion && assertionKey === null) return { reason: 'assertion-unsigned' };
  if (key === undefined || assertionKey === undefined) return { reason: 'other-key' };

  const SAMLResponse = Buffer.from(message, 'utf8').toString('base64');
  let said = '';
  for (const decryptionPvk of encrypted ? by.privateKeys : [undefined]) {
    const verifier = new Verifier({
      issuer: by.entityId,
      audience: by.entityId,
      callbackUrl: by.acsUrl,
      idpCert: encrypted ? by.certificates.map(pem) : [...new Set([key, assertionKey ?? key])],
      wantAuthnResponseSigned: true,
      wantAssertionsSigned: by.strict,
      validateInResponseTo: ValidateInResponseTo.never,
      acceptedClockSkewMs: CLOCK_SKEW_MS,
      ...(decryptionPvk ? { decryptionPvk } : {}),
    });
    said = await verifier.validatePostResponseAsync({ SAMLResponse }).then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : 'refused'),
    );
    if (verifier.verified !== null && verifier.assertionXml !== null)
      return readVerified(verifier.verified, verifier.assertionXml, encrypted, said || null);
    if (!encrypted || said === 'Invalid document signature') return { reason: 'altered' };
    if (said === 'Invalid signature from encrypted assertion') return { reason: 'assertion-unsigned' };
  }
  return { reason: 'not-decryptable' };
}

function readVerified(verified: string, assertionXml: string, encrypted: boolean, librarySaid: string | null) {
  const response = readXml(verified, MESSAGE_LIMITS);
  const assertion = readXml(assertionXml, MESSAGE_LIMITS);
  if (typeof response === 'string') return { reason: response };
  if (typeof assertion === 'string') return { reason: assertion };
  const problem = assertionShape(assertion.documentElement);
  return (
    problem ?? { response: response.documentElement, assertion: assertion.documentElement, encrypted, librarySaid }
  );
}

const pem = (base64: string) => readCertificate(base64)?.pem ?? '';

/**
 * The certificate whose key made this element's signature value. Null if there is no signature, undefined if no certificate
 * matches. The library checks that the value covers this element.
 */
export function signingKey(element: Element, certificates: string[]): string | null | undefined {
  const signature = child(element, NS.signature, 'Signature');
  if (!signature) return null;
  const info = child(signature, NS.signature, 'SignedInfo');
  const method = info && child(info, NS.signature, 'SignatureMethod');
  const value = Buffer.from(textOf(child(signature, NS.signature, 'SignatureValue')), 'base64');
  if (!info || !method || value.length > 2048) return undefined;
  const canonical = String(new ExclusiveCanonicalization().process(info, {}));
  const hash = attribute(method, 'Algorithm')?.endsWith('#rsa-sha512') ? 'sha512' : 'sha256';
  return certificates.map(pem).find((each) => {
    try {
      return createVerify(`rsa-${hash}`).update(canonical).verify(each, value);
    } catch {
      return false;
    }
  });
}
