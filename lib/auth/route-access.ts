/**
 * Which page and route needs what. The proxy obeys this table for every request and every server action; a path that is
 * not listed is denied, so that a new page is closed until somebody decides. A test holds the table against `app/`.
 * `bearer` is passed on to a door that asks for a token and knows no cookie.
 */
export type Access = 'public' | 'signed-in' | 'tenant_admin' | 'bearer';

type Rule = {
  path: string;
  access: Access;
  /** `[userId]` names a person of the actor's tenant: anybody else is answered 404 before the page is reached. */
  person?: true;
  /** The same of `[keyId]` and an API key. */
  key?: true;
};

const USERS = '/administration/access/users';
const AUDIT = '/administration/access/audit-log';
const KEYS = '/administration/access/api-keys';

export const ROUTES: readonly Rule[] = [
  { path: '/', access: 'signed-in' },
  { path: '/setup', access: 'public' },
  { path: '/sign-in', access: 'public' },
  { path: '/sign-in/choose', access: 'public' },
  { path: '/forgot-password', access: 'public' },
  { path: '/reset-password/[token]', access: 'public' },
  { path: '/invitations/[token]', access: 'public' },
  { path: '/profile', access: 'signed-in' },
  { path: '/administration', access: 'tenant_admin' },
  { path: '/administration/access', access: 'tenant_admin' },
  { path: USERS, access: 'tenant_admin' },
  { path: `${USERS}/invite`, access: 'tenant_admin' },
  { path: `${USERS}/import`, access: 'tenant_admin' },
  { path: `${USERS}/bulk`, access: 'tenant_admin' },
  { path: `${USERS}/export`, access: 'tenant_admin' },
  { path: `${USERS}/[userId]`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/edit`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/role`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/deactivate`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/sign-out`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/revoke-invitation`, access: 'tenant_admin', person: true },
  { path: `${USERS}/[userId]/remove`, access: 'tenant_admin', person: true },
  { path: AUDIT, access: 'tenant_admin' },
  { path: `${AUDIT}/export`, access: 'tenant_admin' },
  { path: KEYS, access: 'tenant_admin' },
  { path: `${KEYS}/new`, access: 'tenant_admin' },
  { path: `${KEYS}/reference`, access: 'tenant_admin' },
  { path: `${KEYS}/[keyId]/revoke`, access: 'tenant_admin', key: true },
  { path: '/api/v1/openapi.json', access: 'public' },
  { path: '/api/v1/[[...path]]', access: 'bearer' },
  { path: '/api/auth/[...nextauth]', access: 'public' },
  { path: '/api/health/live', access: 'public' },
  { path: '/api/health/ready', access: 'public' },
];

const compile = (path: string) =>
  new RegExp(
    `^${path
      .replace(/\/\[\[\.\.\.\w+\]\]/g, '(?:/.+)?')
      .replace(/\[\.\.\.\w+\]/g, '.+')
      .replace(/\[(\w+)\]/g, '(?<$1>[^/%\\\\]+)')
      .replace(/^\/$/, '/')}$`,
  );

// Fixed names before parameters, so that `/users/invite` is never taken for a person.
const COMPILED = [...ROUTES]
  .sort((a, b) => Number(a.path.includes('[')) - Number(b.path.includes('[')))
  .map((rule) => ({ rule, pattern: compile(rule.path) }));

export type Match = { access: Access; personId: string | null; keyId: string | null };

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
