import { type Certificate, expiryOf, readCertificate } from './certificate';
import { attribute, children, METADATA_LIMITS, NS, readXml, textOf, type XmlProblem } from './read-xml';

/**
 * Reads an identity provider's metadata (SAML 2.0 Metadata, 2.4.3) and reports on it in plain words before anything is
 * stored. Its own signature is not checked: the admin vouches that this is their provider.
 */
export type IdpMetadata = {
  idpEntityId: string;
  ssoUrl: string;
  ssoBinding: 'redirect' | 'post';
  sloUrl: string | null;
  certificates: string[];
  wantsSignedRequests: boolean;
};

export type Verdict = {
  /** Null if something is missing that sign-in needs. */
  metadata: IdpMetadata | null;
  found: { term: string; value: string }[];
  /** These prevent the import. */
  problems: string[];
  /** These do not. */
  warnings: string[];
};

const BINDINGS = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
} as const;
const BINDING_WORDS = { redirect: 'HTTP-Redirect', post: 'HTTP-POST' };
const MOST_CERTIFICATES = 10;

const XML_WORDS: Record<XmlProblem, string> = {
  'not-text': 'This file is not text in UTF-8.',
  'too-large':
    'This is more than 1 MB. Metadata of one identity provider is much smaller; a federation’s list is not taken.',
  'too-many-tags': 'This has more elements than the metadata of one identity provider.',
  doctype: 'This has a document type. Metadata has none, and it could be used against us.',
  comment: 'This has comments or processing instructions. Take them out.',
  entity: 'This has entities that are not XML’s own.',
  'control-character': 'This has characters that XML does not allow.',
  malformed: 'This is not well-formed XML. Download the metadata as a file rather than copying it from the browser.',
};

const refused = (problem: string): Verdict => ({ metadata: null, found: [], problems: [problem], warnings: [] });

/** Removes comments before the root element, which are common in metadata files. */
const withoutLeadingComments = (xml: string) =>
  xml.replace(/^(\s*<\?xml [^?>]*\?>)?(?:\s*<!--[\s\S]{0,4000}?-->)+/, '$1');

export function readMetadata(xml: string, now: Date): Verdict {
  if (xml.trim() === '') return refused('Paste the metadata or choose its file.');
  const document = readXml(withoutLeadingComments(xml.replace(/^\ufeff/, '')).trim(), METADATA_LIMITS);
  if (typeof document === 'string') return refused(XML_WORDS[document]);
  const root = document.documentElement;
  if (root.namespaceURI !== NS.metadata) return refused('This is XML, but no SAML metadata.');
  const entities = root.localName === 'EntitiesDescriptor' ? children(root, NS.metadata, 'EntityDescriptor') : [root];
  const providers = entities.filter((entity) => children(entity, NS.metadata, 'IDPSSODescriptor').length > 0);
  const [entity, ...others] = providers;
  if (!entity)
    return refused(
      'This describes no identity provider. It may be the metadata of a service provider, such as this product itself.',
    );
  if (others.length > 0)
    return refused(`This describes ${providers.length} identity providers. Take the metadata of one.`);
  return readEntity(entity, now);
}

function readEntity(entity: Element, now: Date): Verdict {
  const descriptor = children(entity, NS.metadata, 'IDPSSODescriptor').find((each) =>
    (attribute(each, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(NS.protocol),
  );
  if (!descriptor) return refused('This identity provider speaks another protocol, not SAML 2.0.');
  const problems: string[] = [];
  const warnings: string[] = [];

  const idpEntityId = attribute(entity, 'entityID')?.trim() ?? '';
  if (idpEntityId === '' || idpEntityId.length > 1024) problems.push('It has no entity id of at most 1024 characters.');
  const validUntil = attribute(entity, 'validUntil');
  if (validUntil && Date.parse(validUntil) <= now.getTime())
    problems.push('It was valid until a time that is over. Download it again.');

  const sso = endpoint(descriptor, 'SingleSignOnService', ['redirect', 'post']);
  if (!sso)
    problems.push(
      'It has no sign-in address for HTTP-Redirect or HTTP-POST that begins with https:// (or is on this machine).',
    );
  const slo = endpoint(descriptor, 'SingleLogoutService', ['post'], 'ResponseLocation');

  const { certificates, unusable } = readCertificates(descriptor);
  if (certificates.length === 0) problems.push('It has no signing certificate with an RSA key of at least 2048 bits.');
  if (unusable > 0)
    warnings.push(
      `${unusable} of its certificates cannot be used: ${unusable === 1 ? 'it has' : 'they have'} no RSA key of at least 2048 bits.`,
    );
  warnings.push(...certificates.flatMap((certificate) => expiryWords(certificate, now) ?? []));

  const wantsSignedRequests = ['true', '1'].includes(attribute(descriptor, 'WantAuthnRequestsSigned') ?? '');
  const metadata =
    problems.length === 0 && sso
      ? {
          idpEntityId,
          ssoUrl: sso.url,
          ssoBinding: sso.binding,
          sloUrl: slo?.url ?? null,
          certificates: certificates.map(({ base64 }) => base64),
          wantsSignedRequests,
        }
      : null;
  const found = [
    { term: 'Entity ID', value: idpEntityId || 'missing' },
    { term: 'Sign-in address', value: sso ? `${sso.url} (${BINDING_WORDS[sso.binding]})` : 'missing' },
    {
      term: 'Sign-out address',
      value: slo ? `${slo.url} (HTTP-POST)` : 'none: sign-outs there do not end sessions here',
    },
    { term: 'Signed requests', value: wantsSignedRequests ? 'asked for' : 'not asked for' },
    ...certificates.map((certificate, i) => ({
      term: certificates.length === 1 ? 'Certificate' : `Certificate ${i + 1}`,
      value: `${certificate.subject} · ${certificate.keyWords} · until ${certificate.until.toISOString().slice(0, 10)}`,
    })),
  ];
  return { metadata, found, problems, warnings };
}

/**
 * The first usable address of these bindings, in order. `rather`: a preferred attribute, for responses only (Metadata,
 * 2.2.2).
 */
function endpoint<B extends keyof typeof BINDINGS>(
  descriptor: Element,
  name: string,
  bindings: readonly B[],
  rather?: 'ResponseLocation',
) {
  for (const binding of bindings) {
    const urls = children(descriptor, NS.metadata, name)
      .filter((each) => attribute(each, 'Binding') === BINDINGS[binding])
      .map((each) => ((rather && attribute(each, rather)) || attribute(each, 'Location'))?.trim() ?? '');
    const url = urls.find(isProviderUrl);
    if (url) return { url, binding };
  }
  return null;
}

/** Browsers are sent there, so only https is allowed, except on this machine. */
export function isProviderUrl(url: string): boolean {
  if (url.length > 2048 || !URL.canParse(url)) return false;
  const { protocol, hostname, username } = new URL(url);
  if (username !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}

function readCertificates(descriptor: Element): { certificates: Certificate[]; unusable: number } {
  const keys = children(descriptor, NS.metadata, 'KeyDescriptor').filter(
    (key) => attribute(key, 'use') !== 'encryption',
  );
  const given = keys
    .flatMap((key) => Array.from(key.getElementsByTagNameNS(NS.signature, 'X509Certificate')))
    .map((element) => textOf(element).replace(/\s+/g, ''));
  const read = [...new Set(given)].slice(0, MOST_CERTIFICATES).map(readCertificate);
  const certificates = read.filter((certificate) => certificate !== null);
  return { certificates, unusable: read.length - certificates.length };
}

function expiryWords(certificate: Certificate, now: Date): string | null {
  const until = certificate.until.toISOString().slice(0, 10);
  const state = expiryOf(certificate, now);
  if (state === 'expired')
    return `The certificate ${certificate.subject} ran out on ${until}. Check that your provider still signs with it.`;
  if (state === 'soon') return `The certificate ${certificate.subject} runs out on ${until}. Add the next one in time.`;
  if (state === 'not-yet') return `The certificate ${certificate.subject} is not valid yet.`;
  return null;
}
