import { inflateRawSync } from 'node:zlib';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { ownCookieName } from '@/lib/auth/cookie';
import { hashToken } from '@/lib/crypto/tokens';
import { env } from '@/lib/env';
import type { Tenant } from '@/lib/tenants/find';
import { acsUrlOf, entityIdOf, NAME_ID_FORMAT } from './addresses';
import { readCertificate } from './certificate';
import type { Connection } from './connection';
import { keyPairs } from './keys';
import { newRequestId, REQUEST_MINUTES, type RequestKind } from './request-id';

/**
 * Asks a provider who somebody is. Nothing is stored here: the request id proves that it is ours, and a cookie that is only
 * sent on navigations of the same browser (Lax) tells which browser asked and where the person wanted to go.
 */
export type Question = {
  /** Where the browser goes, or what it posts there. */
  to: { url: string } | { post: string; fields: Record<string, string> };
  cookie: { name: string; value: string };
  xml: string;
};

const isSecure = () => env().APP_URL.startsWith('https:');
export const QUESTION_SECONDS = REQUEST_MINUTES * 60;

/** One per request, so that two tabs do not take each other's. The name reveals nothing. */
export const cookieNameOf = (bindingHash: string): string => ownCookieName(`rollcall-saml-${bindingHash.slice(0, 10)}`);

export const questionCookieOptions = () =>
  ({ httpOnly: true, secure: isSecure(), sameSite: 'lax', path: '/', maxAge: QUESTION_SECONDS }) as const;

/** A browser sends all of these with each request, and servers limit the size, so only a short path is kept. */
const MOST_NEXT = 500;

export function bindingCookie(binding: string, next: string) {
  const wanted = encodeURIComponent(next);
  return {
    name: cookieNameOf(hashToken(binding)),
    value: `${binding}~${wanted.length > MOST_NEXT ? encodeURIComponent('/') : wanted}`,
  };
}

export async function ask(tenant: Tenant, connection: Connection, kind: RequestKind, next: string): Promise<Question> {
  const id = newRequestId(kind, connection.id, new Date());
  const [newest] = connection.signRequests ? await keyPairs() : [];
  const saml = new SAML({
    issuer: entityIdOf(tenant.slug),
    callbackUrl: acsUrlOf(tenant.slug),
    entryPoint: connection.ssoUrl,
    idpCert: connection.certificates.map((certificate) => readCertificate(certificate)?.pem ?? ''),
    identifierFormat: NAME_ID_FORMAT,
    disableRequestedAuthnContext: true,
    forceAuthn: kind === 'again',
    generateUniqueId: () => id,
    validateInResponseTo: ValidateInResponseTo.never,
    authnRequestBinding: connection.ssoBinding === 'post' ? 'HTTP-POST' : 'HTTP-Redirect',
    skipRequestCompression: connection.ssoBinding === 'post',
    ...(newest
      ? { privateKey: newest.privateKey, signatureAlgorithm: 'sha256' as const, digestAlgorithm: 'sha256' as const }
      : {}),
  });
  const cookie = bindingCookie(id, next);
  if (connection.ssoBinding === 'redirect') {
    const url = await saml.getAuthorizeUrlAsync('', undefined, {});
    const message = Buffer.from(new URL(url).searchParams.get('SAMLRequest') ?? '', 'base64');
    return { to: { url }, cookie, xml: inflateRawSync(message).toString('utf8') };
  }
  const { SAMLRequest } = await saml.getAuthorizeMessageAsync('', undefined, {});
  const fields = { SAMLRequest: String(SAMLRequest) };
  return {
    to: { post: connection.ssoUrl, fields },
    cookie,
    xml: Buffer.from(fields.SAMLRequest, 'base64').toString('utf8'),
  };
}
