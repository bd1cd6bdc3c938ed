import { env } from '@/lib/env';

/** URLs of a tenant's service provider. They are configured in other software, so they must not change. */
const base = (slug: string) => `${env().APP_URL}/api/saml/${slug}`;

export const entityIdOf = (slug: string): string => `${base(slug)}/metadata`;
export const acsUrlOf = (slug: string): string => `${base(slug)}/acs`;
export const logoutUrlOf = (slug: string): string => `${base(slug)}/logout`;
export const loginPathOf = (slug: string, next?: string): string =>
  `/api/saml/${slug}/login${next && next !== '/' ? `?next=${encodeURIComponent(next)}` : ''}`;
export const finishPathOf = (slug: string, handle: string): string => `/sign-in/${slug}/finish?arrival=${handle}`;

export const NAME_ID_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
export const ACS_BINDING = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
