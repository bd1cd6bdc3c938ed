/**
 * Access rules of pages and routes. The proxy applies this table to every request and every server action. A path that is
 * not listed is denied, so a new page stays closed until somebody decides. A test compares the table with `app/`. `bearer`
 * routes take a token and no cookie; they are passed on, or answered before the proxy (scripts/serve/machines.ts).
 */
export type Access =
  | 'public'
  /** An identity provider's page posts there, through the browser: the only routes meant for forms of another site. */
  | 'provider'
  /** Somebody who has proven the password but not yet the second factor. */
  | 'challenge'
  /** An admin who has proven the password where SAML is required, and is not linked to the provider yet. */
  | 'connect'
  /** Somebody who must set up a second factor, or chooses to. */
  | 'enrolment'
  | 'signed-in'
  | 'tenant_admin'
  /** An endpoint for machines, which checks its token itself. Sessions are ignored. */
  | 'bearer';

type Rule = {
  path: string;
  access: Access;
  /** `[userId]` must be a person of the actor's tenant. Anybody else gets 404 before the page runs. */
  person?: true;
  /** The same for `[keyId]` and API keys. */
  key?: true;
};

const ACCESS = '/administration/access';
const USERS = `${ACCESS}/users`;
const AUDIT = `${ACCESS}/audit-log`;
const KEYS = `${ACCESS}/api-keys`;

export const ROUTES: readonly Rule[] = [
  { path: '/', access: 'signed-in' },
  { path: '/setup', access: 'public' },
  { path: '/sign-in', access: 'public' },
  { path: '/sign-in/choose', access: 'public' },
  { path: '/sign-in/connect', access: 'connect' },
  { path: '/sign-in/second-factor', access: 'challenge' },
  { path: '/sign-in/second-factor/set-up', access: 'enrolment' },
  { path: '/sign-in/[tenant]', access: 'public' },
  { path: '/sign-in/[tenant]/finish', access: 'public' },
  { path: '/forgot-password', access: 'public' },
  { path: '/reset-password/[token]', access: 'public' },
  { path: '/invitations/[token]', access: 'public' },
  { path: '/profile', access: 'signed-in' },
  { path: '/profile/confirm', access: 'signed-in' },
  { path: '/profile/not-me', access: 'signed-in' },
  { path: '/profile/second-factor/app', access: 'enrolment' },
  { path: '/profile/second-factor/passkey', access: 'enrolment' },
  { path: '/profile/second-factor/recovery-codes', access: 'signed-in' },
  { path: '/profile/second-factor/remove', access: 'signed-in' },
  { path: '/administration', access: 'tenant_admin' },
  { path: ACCESS, access: 'tenant_admin' },
  { path: USERS, access: 'tenant_admin' },
  { path: `${USERS}/invite`, access: 'tenant_admin' },
  { path: `${USERS}/import`, access: 'tenant_admin' },
  { path: `${USERS}/bulk`, access: 'tenant_admin' },
  { path: `${USERS}/export`, access: 'tenant_admin' },
  { path: `${USERS}/jobs`, access: 'tenant_admin' },
  { path: `${USERS}/jobs/[jobId]`, access: 'tenant_admin' },
  { path: `${USERS}/jobs/[jobId]/export`, access: 'tenant_admin' },
  { path: `${USERS}/[userId]`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/edit`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/role`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/deactivate`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/reset-second-factor`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/sign-out`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/revoke-invitation`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/remove`, access: 'tenant_admin', person: true },
  { path: `${ACCESS}/saml`, access: 'tenant_admin' },
  { path: `${ACCESS}/saml/metadata`, access: 'tenant_admin' },
  { path: `${ACCESS}/saml/groups`, access: 'tenant_admin' },
  { path: `${ACCESS}/saml/require`, access: 'tenant_admin' },
  { path: `${ACCESS}/saml/disable`, access: 'tenant_admin' },
  { path: `${ACCESS}/saml/delete`, access: 'tenant_admin' },
  { path: `${ACCESS}/saml/exchanges/[exchangeId]`, access: 'tenant_admin' },
  { path: `${ACCESS}/security`, access: 'tenant_admin' },
  { path: `${ACCESS}/security/review`, access: 'tenant_admin' },
  { path: `${ACCESS}/scim`, access: 'tenant_admin' },
  { path: `${ACCESS}/scim/groups/[groupId]`, access: 'tenant_admin' },
  { path: `${ACCESS}/scim/tokens/[tokenId]/revoke`, access: 'tenant_admin' },
  { path: `${ACCESS}/scim/exchanges/[exchangeId]`, access: 'tenant_admin' },
  { path: '/api/scim/v2/[[...path]]', access: 'bearer' },
  { path: AUDIT, access: 'tenant_admin' },
  { path: `${AUDIT}/export`, access: 'tenant_admin' },
  { path: KEYS, access: 'tenant_admin' },
  { path: `${KEYS}/new`, access: 'tenant_admin' },
  { path: `${KEYS}/reference`, access: 'tenant_admin' },
  { path: `${KEYS}/[keyId]/revoke`, access: 'tenant_admin', key: true },
  { path: '/api/v1/openapi.json', access: 'public' },
  { path: '/api/v1/[[...path]]', access: 'bearer' },
  { path: '/api/auth/[...nextauth]', access: 'public' },
  { path: '/api/saml/[tenant]/metadata', access: 'public' },
  { path: '/api/saml/[tenant]/login', access: 'public' },
  { path: '/api/saml/[tenant]/acs', access: 'provider' },
  { path: '/api/saml/[tenant]/logout', access: 'provider' },
  { path: '/api/metrics', access: 'bearer' },
  { path: '/api/health/live', access: 'public' },
  { path: '/api/health/ready', access: 'public' },
];

const compile = (path: string) =>
  new RegExp(
    `^${path
      .replace(/\/\[\[\.\.\.\w+\]\]/g, '(?:/.+)?')
      .replace(/\[\.\.\.\w+\]/g, '.+')
      .replace(/\[(\w+)\]/g, '(?<$1>[^/%\\\\]+)')}$`,
  );

// Fixed names before parameters, so that `/users/invite` is never taken for a person.
const COMPILED = [...ROUTES]
  .sort((a, b) => Number(a.path.includes('[')) - Number(b.path.includes('[')))
  .map((rule) => ({ rule, pattern: compile(rule.path) }));

export type Match = { access: Access; personId: string | null; keyId: string | null };

/** The route pattern that a path matches, for logs and metrics: a path may contain a token. */
export const patternOf = (pathname: string): string | null =>
  COMPILED.find(({ pattern }) => pattern.test(pathname))?.rule.path ?? null;

/** Null for a path that is not in the table. Nothing is decoded: an encoded path is simply another path. */
export function ruleFor(pathname: string): Match | null {
  for (const { rule, pattern } of COMPILED) {
    const found = pattern.exec(pathname);
    if (found)
      return {
        access: rule.access,
        personId: rule.person ? (found.groups?.userId ?? '') : null,
        keyId: rule.key ? (found.groups?.keyId ?? '') : null,
      };
  }
  return null;
}
