import { DOMParser } from '@xmldom/xmldom';

/**
 * The only place where XML from outside is parsed. Rejected before parsing: input whose cost grows with the square of its
 * tags, document types, comments inside values, and characters that XML does not allow. Each check is one pass over the
 * text.
 */
export type XmlProblem =
  | 'not-text'
  | 'too-large'
  | 'too-many-tags'
  | 'doctype'
  | 'comment'
  | 'entity'
  | 'control-character'
  | 'malformed';

type Limits = { bytes: number; tags: number };

/**
 * A response with a thousand groups of 60 letters has 1,060 tags and 110 kB. One of 2,000 tags costs at most a quarter of a
 * second, and only if its signature is valid.
 */
export const MESSAGE_LIMITS: Limits = { bytes: 262_144, tags: 2_000 };
/** Entra ID's metadata with every claim and role descriptor has 600 tags and 100 kB. */
export const METADATA_LIMITS: Limits = { bytes: 1_048_576, tags: 3_000 };

/** Characters that XML 1.0 (2.2) forbids, and the controls that it only discourages. */
const NO_CHARACTER = /[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/u;
const MOST_ATTRIBUTES = 8_000;

export function readXml(given: Uint8Array | string, limits: Limits): Document | XmlProblem {
  if (given.length > limits.bytes) return 'too-large';
  const text = typeof given === 'string' ? given : decode(given);
  if (text === null) return 'not-text';
  return problemOf(text, limits) ?? parse(text);
}

/** A message as it comes in a form: base64, which may be folded into lines (RFC 2045, 6.8). */
export function readMessage(
  given: string | null,
): { base64: string; text: string; root: Element } | { reason: 'not-base64' | XmlProblem } {
  const base64 = (given ?? '').replace(/[\r\n\t ]+/g, '');
  if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    return { reason: 'not-base64' };
  const bytes = Buffer.from(base64, 'base64');
  const document = readXml(bytes, MESSAGE_LIMITS);
  if (typeof document === 'string') return { reason: document };
  return { base64, text: bytes.toString('utf8'), root: document.documentElement };
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function problemOf(text: string, limits: Limits): XmlProblem | null {
  if (NO_CHARACTER.test(text)) return 'control-character';
  const markup = /<!(?:--|\[CDATA\[)?/.exec(text);
  if (markup) return markup[0] === '<!' ? 'doctype' : 'comment';
  // Only the XML declaration may begin with `<?`: a message has no use for processing instructions.
  if (/<\?/.test(text.replace(/^\s*<\?xml [^?>]*\?>/, ''))) return 'comment';
  for (const [, reference = ''] of text.matchAll(/&([^;]{0,12};?)/g)) if (!isReference(reference)) return 'entity';
  if ((text.match(/=\s*["']/g)?.length ?? 0) > MOST_ATTRIBUTES) return 'too-many-tags';
  return (text.match(/<[^/?]/g)?.length ?? 0) > limits.tags ? 'too-many-tags' : null;
}

/** The five predefined entities of XML, and references to characters that XML allows. */
function isReference(reference: string): boolean {
  if (/^(?:amp|lt|gt|quot|apos);$/.test(reference)) return true;
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));$/.exec(reference) ?? [];
  const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : 0;
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
  return !NO_CHARACTER.test(String.fromCodePoint(code));
}

function parse(text: string): Document | XmlProblem {
  try {
    const fail = (message: string) => {
      throw new Error(message);
    };
    const document = new DOMParser({ errorHandler: { warning: fail, error: fail, fatalError: fail } }).parseFromString(
      text,
      'text/xml',
    );
    // The parser tolerates content beside the one root element.
    const beside = Array.from(document.childNodes).filter((node) => node.nodeType === 1 || node.nodeType === 3);
    const isOne = beside.filter((node) => node.nodeType === 1 || node.textContent?.trim()).length === 1;
    return document.documentElement && isOne ? document : 'malformed';
  } catch {
    return 'malformed';
  }
}

export const NS = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
} as const;

/** Child elements of this name and namespace, in order. */
export const children = (of: Element, namespace: string, name: string): Element[] =>
  Array.from(of.childNodes).filter(
    (node): node is Element =>
      node.nodeType === 1 && (node as Element).namespaceURI === namespace && (node as Element).localName === name,
  );

/** The only child of this name; null where there is none, or more than one. */
export function child(of: Element, namespace: string, name: string): Element | null {
  const found = children(of, namespace, name);
  return found.length === 1 ? (found[0] ?? null) : null;
}

export const textOf = (element: Element | null): string => element?.textContent?.trim() ?? '';

/** An attribute, or null where there is none. */
export const attribute = (of: Element, name: string): string | null =>
  of.hasAttribute(name) ? of.getAttribute(name) : null;
