import { randomBytes } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import { SignedXml } from 'xml-crypto';
import { POST } from '@/app/api/saml/[tenant]/acs/route';
import { db } from '@/db/client';
import { samlExchanges } from '@/db/schema/saml';
import { systemActor } from '@/lib/actor';
import { acsUrlOf, entityIdOf } from '@/lib/saml/addresses';
import { type Connection, changeOptions, findConnection, importMetadata, type Options } from '@/lib/saml/connection';
import { ensureKeyPair } from '@/lib/saml/keys';
import { enable } from '@/lib/saml/mode';
import { newRequestId, type RequestKind } from '@/lib/saml/request-id';
import type { Tenant } from '@/lib/tenants/find';
import { type Keys, newKeys } from './rsa-keys';

/** An identity provider with real keys, which says what a test wants it to say. */
export const IDP = 'https://idp.example/entity';
/** As metadata holds it. */
export const bare = ({ certificate }: Keys) => certificate.replace(/-----[A-Z ]+-----|\s/g, '');

/** One for all tests of a file: making it takes a moment. */
export const idpKeys: Keys = await newKeys();

export const metadataOf = (certificates: string[], entityId = IDP, more = '') =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${entityId}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    ${certificates.map((certificate) => `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`).join('')}
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/slo"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>${more}
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`;

/** Connects a tenant to the provider and switches it on. */
export async function connect(
  tenant: Tenant,
  options: Partial<Options> = {},
  keys: Keys[] = [idpKeys],
): Promise<Connection> {
  await ensureKeyPair();
  const operator = systemActor(tenant.id);
  const imported = await importMetadata(operator, { metadata: metadataOf(keys.map(bare)) });
  if (!imported.ok) throw new Error(imported.refusal);
  await changeOptions(operator, options);
  await enable(operator);
  const connection = await findConnection(tenant.id);
  if (!connection) throw new Error('not connected');
  return connection;
}

export type Said = {
  tenant: Tenant;
  connection: Connection;
  nameId?: string;
  nameIdFormat?: string;
  email?: string;
  attributes?: Record<string, string | string[]>;
  kind?: RequestKind;
  /** Null: nobody asked. */
  inResponseTo?: string | null;
  confirmedInResponseTo?: string;
  issuer?: string;
  responseIssuer?: string;
  audience?: string | null;
  recipient?: string;
  destination?: string | null;
  status?: string;
  version?: string;
  method?: string;
  notBefore?: Date;
  notOnOrAfter?: Date;
  confirmedUntil?: Date;
  issueInstant?: Date;
  authnInstant?: Date;
  sessionNotOnOrAfter?: Date;
  sessionIndex?: string;
  assertionId?: string;
  withoutAuthnStatement?: boolean;
  withoutConditions?: boolean;
  condition?: string;
};

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);
export const newSamlId = () => `_${randomBytes(12).toString('hex')}`;

export const attributesOf = (attributes: Record<string, string | string[]>) =>
  `<saml:AttributeStatement>${Object.entries(attributes)
    .map(
      ([name, values]) =>
        `<saml:Attribute Name="${name}">${[values]
          .flat()
          .map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`)
          .join('')}</saml:Attribute>`,
    )
    .join('')}</saml:AttributeStatement>`;

export function assertionXml(said: Said, requestId: string | null): string {
  const { tenant, email = `new@${tenant.slug}.example` } = said;
  const attributes = said.attributes ?? { email, firstName: 'New', lastName: 'Person' };
  const asked = said.confirmedInResponseTo ?? requestId;
  const audience = said.audience === undefined ? entityIdOf(tenant.slug) : said.audience;
  const until = (said.notOnOrAfter ?? inMinutes(5)).toISOString();
  return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${said.assertionId ?? newSamlId()}" Version="${said.version ?? '2.0'}" IssueInstant="${(said.issueInstant ?? new Date()).toISOString()}"><saml:Issuer>${said.issuer ?? IDP}</saml:Issuer><saml:Subject><saml:NameID Format="${said.nameIdFormat ?? 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'}">${said.nameId ?? email}</saml:NameID><saml:SubjectConfirmation Method="${said.method ?? 'urn:oasis:names:tc:SAML:2.0:cm:bearer'}"><saml:SubjectConfirmationData Recipient="${said.recipient ?? acsUrlOf(tenant.slug)}" NotOnOrAfter="${(said.confirmedUntil ?? said.notOnOrAfter ?? inMinutes(5)).toISOString()}"${asked ? ` InResponseTo="${asked}"` : ''}/></saml:SubjectConfirmation></saml:Subject>${
    said.withoutConditions
      ? ''
      : `<saml:Conditions NotBefore="${(said.notBefore ?? inMinutes(-1)).toISOString()}" NotOnOrAfter="${until}">${audience === null ? '' : `<saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>`}${said.condition ?? ''}</saml:Conditions>`
  }${
    said.withoutAuthnStatement
      ? ''
      : `<saml:AuthnStatement AuthnInstant="${(said.authnInstant ?? new Date()).toISOString()}" SessionIndex="${said.sessionIndex ?? '_s1'}"${said.sessionNotOnOrAfter ? ` SessionNotOnOrAfter="${said.sessionNotOnOrAfter.toISOString()}"` : ''}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`
  }${attributesOf(attributes)}</saml:Assertion>`;
}

export function responseXml(said: Said, requestId: string | null, assertion: string): string {
  const destination = said.destination === undefined ? acsUrlOf(said.tenant.slug) : said.destination;
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${newSamlId()}" Version="2.0" IssueInstant="${new Date().toISOString()}"${destination === null ? '' : ` Destination="${destination}"`}${requestId ? ` InResponseTo="${requestId}"` : ''}><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${said.responseIssuer ?? said.issuer ?? IDP}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${said.status ?? 'urn:oasis:names:tc:SAML:2.0:status:Success'}"/></samlp:Status>${assertion}</samlp:Response>`;
}

type Algorithms = { signature?: string; digest?: string };
export const SHA1: Algorithms = {
  signature: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  digest: 'http://www.w3.org/2000/09/xmldsig#sha1',
};

/** Signs the whole of one element, as providers do: the signature stands behind its issuer. */
export function sign(
  xml: string,
  element: 'Response' | 'Assertion' | 'LogoutRequest',
  { privateKey }: Keys = idpKeys,
  algorithms: Algorithms = {},
): string {
  const signature = new SignedXml({
    privateKey,
    signatureAlgorithm: algorithms.signature ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  const xpath = `//*[local-name(.)='${element}']`;
  signature.addReference({
    xpath,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
    digestAlgorithm: algorithms.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signature.computeSignature(xml, { location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: 'after' } });
  return signature.getSignedXml();
}

/** The question, as the login route would ask it, and who asked. */
export const questionOf = ({ connection, kind = 'sign-in', inResponseTo }: Said): string | null =>
  inResponseTo === undefined ? newRequestId(kind, connection.id, new Date()) : inResponseTo;

/** A whole, honest answer: assertion and response signed. */
export function honest(said: Said, keys = idpKeys): { xml: string; requestId: string | null } {
  const requestId = questionOf(said);
  const assertion = sign(assertionXml(said, requestId), 'Assertion', keys);
  return { xml: sign(responseXml(said, requestId, assertion), 'Response', keys), requestId };
}

let address = 0;

/** By the real ACS, as a browser would post it. */
export async function post(tenant: Tenant, xml: string | Buffer, relayState?: string): Promise<Response> {
  const body = new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64') });
  if (relayState !== undefined) body.set('RelayState', relayState);
  return postBody(tenant, body.toString());
}

export function postBody(tenant: Tenant, body: string, type = 'application/x-www-form-urlencoded'): Promise<Response> {
  const request = new Request(acsUrlOf(tenant.slug), {
    method: 'POST',
    body,
    headers: { 'content-type': type, 'x-forwarded-for': `198.51.100.${++address % 250}`, 'user-agent': 'Mozilla/5.0' },
  });
  return POST(request, { params: Promise.resolve({ tenant: tenant.slug }) });
}

export const handleIn = (response: Response): string =>
  new URL(response.headers.get('location') ?? 'http://none').searchParams.get('arrival') ?? '';

export async function lastExchange(tenant: Tenant) {
  const [last] = await db
    .select()
    .from(samlExchanges)
    .where(eq(samlExchanges.tenantId, tenant.id))
    .orderBy(desc(samlExchanges.id))
    .limit(1);
  return last;
}
