import { attribute, child, children, NS } from './read-xml';
import type { Problem } from './reasons';

/**
 * Checks the shape of a response before any signature. It has at most one assertion, a child of the root, and each
 * signature is inside the element it signs. Signature wrapping needs a second assertion or a signature elsewhere, so it is
 * impossible. Only strong algorithms are accepted; the library takes SHA-1 too.
 */
const SIGNATURES = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
]);
const DIGESTS = new Set(['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']);
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
/** Core, 5.4.3 names both. Messages with comments are refused earlier. */
const EXCLUSIVES = new Set([EXCLUSIVE, `${EXCLUSIVE}WithComments`]);
const TRANSFORMS = new Set(['http://www.w3.org/2000/09/xmldsig#enveloped-signature', ...EXCLUSIVES]);
const CIPHERS = new Set([
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
]);
/** The OAEP variant that the library supports. It does not know xmlenc11#rsa-oaep. */
const KEY_TRANSPORTS = new Set(['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p']);
/** The part of NCName that identity providers use. */
const ID = /^[A-Za-z_][A-Za-z0-9_.-]{0,255}$/;

const named = (root: Element, name: string): Element[] => Array.from(root.getElementsByTagNameNS('*', name));
const algorithmOf = (element: Element | undefined) => (element && attribute(element, 'Algorithm')) ?? 'none';
const short = (algorithm: string) => algorithm.split(/[#/]/).at(-1) ?? algorithm;

export function responseShape(root: Element): Problem | null {
  if (root.namespaceURI !== NS.protocol || root.localName !== 'Response') return { reason: 'not-a-response' };
  const assertions = [...named(root, 'Assertion'), ...named(root, 'EncryptedAssertion')];
  if (assertions.length > 1 || named(root, 'Response').length > 0) return { reason: 'several-assertions' };
  const [assertion] = assertions;
  if (assertion && assertion.parentNode !== root) return { reason: 'several-assertions' };
  if (assertion && assertion.namespaceURI !== NS.assertion) return { reason: 'not-a-response' };
  return (
    idProblem(root) ??
    signatureProblem(root) ??
    (assertion?.localName === 'EncryptedAssertion' ? encryptionProblem(assertion) : null)
  );
}

/** Checks the shape of a decrypted assertion, which `responseShape` could not see. */
export function assertionShape(root: Element): Problem | null {
  if (root.namespaceURI !== NS.assertion || root.localName !== 'Assertion') return { reason: 'no-assertion' };
  if (named(root, 'Assertion').length + named(root, 'EncryptedAssertion').length > 0)
    return { reason: 'several-assertions' };
  return idProblem(root) ?? signatureProblem(root);
}

/** A message without an assertion, signed as a whole. */
export const signedShape = (root: Element): Problem | null => idProblem(root) ?? signatureProblem(root);

/** An id must be unique, whether its attribute is `ID`, `Id` or `id`. */
function idProblem(root: Element): Problem | null {
  const seen = new Set<string>();
  for (const element of [root, ...named(root, '*')]) {
    for (const name of ['ID', 'Id', 'id']) {
      const id = attribute(element, name);
      if (id === null) continue;
      if (seen.has(id)) return { reason: 'signature-shape' };
      seen.add(id);
    }
  }
  return null;
}

/** Every signature must cover the whole element that contains it, which is the root or its assertion. */
function signatureProblem(root: Element): Problem | null {
  for (const signature of named(root, 'Signature')) {
    const signed = signature.parentNode as Element;
    const mayBeSigned = signed === root || (signed.parentNode === root && signed.localName === 'Assertion');
    if (signature.namespaceURI !== NS.signature || !mayBeSigned) return { reason: 'signature-shape' };
    if (children(signed, NS.signature, 'Signature').length !== 1) return { reason: 'signature-shape' };
    const problem = signedInfoProblem(signature, attribute(signed, 'ID') ?? '');
    if (problem) return problem;
  }
  return null;
}

function signedInfoProblem(signature: Element, id: string): Problem | null {
  const wrong: Problem = { reason: 'signature-shape' };
  if (named(signature, 'Object').length > 0) return wrong;
  const info = child(signature, NS.signature, 'SignedInfo');
  const reference = info && child(info, NS.signature, 'Reference');
  if (!info || !reference || named(signature, 'SignedInfo').length !== 1 || named(signature, 'Reference').length !== 1)
    return wrong;
  if (!ID.test(id) || attribute(reference, 'URI') !== `#${id}`) return wrong;
  if (!EXCLUSIVES.has(algorithmOf(named(info, 'CanonicalizationMethod')[0]))) return wrong;
  const transforms = named(reference, 'Transform').map(algorithmOf);
  if (transforms.length > 2 || transforms.some((each) => !TRANSFORMS.has(each))) return wrong;
  const method = algorithmOf(child(info, NS.signature, 'SignatureMethod') ?? undefined);
  if (!SIGNATURES.has(method)) return { reason: 'weak-algorithm', facts: { algorithm: short(method) } };
  const digest = algorithmOf(child(reference, NS.signature, 'DigestMethod') ?? undefined);
  if (!DIGESTS.has(digest)) return { reason: 'weak-algorithm', facts: { algorithm: short(digest) } };
  return null;
}

function encryptionProblem(encrypted: Element): Problem | null {
  const methods = named(encrypted, 'EncryptionMethod');
  if (methods.length !== 2) return { reason: 'weak-encryption', facts: { algorithm: 'no named algorithm' } };
  for (const method of methods) {
    const allowed = (method.parentNode as Element).localName === 'EncryptedKey' ? KEY_TRANSPORTS : CIPHERS;
    const algorithm = algorithmOf(method);
    if (!allowed.has(algorithm)) return { reason: 'weak-encryption', facts: { algorithm: short(algorithm) } };
  }
  return null;
}
