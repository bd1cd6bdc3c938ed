/**
 * Which page and route needs what. The proxy obeys this table for every request and every server action; a path that is
 * not listed is denied, so that a new page is closed until somebody decides. A test holds the table against `app/`.
 */
/** `bearer`: a machine's door, which checks its token itself; a session never counts there. */
export type Access = 'public' | 'signed-in' | 'tenant_admin' | 'bearer';

type Rule = {
  path: string;
  access: Access;
  /** `[userId]` names a person of the actor's tenant: anybody else is answered 404 before the page is reached. */
  person?: true;
};

const USERS = '/administration/access/users';

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
  { path: '/administration/access/scim', access: 'tenant_admin' },
  { path: '/administration/access/scim/groups/[groupId]', access: 'tenant_admin' },
  { path: '/administration/access/scim/tokens/[tokenId]/revoke', access: 'tenant_admin' },
  { path: '/administration/access/scim/exchanges/[exchangeId]', access: 'tenant_admin' },
  { path: '/api/scim/v2/[[...path]]', access: 'bearer' },
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

export type Match = { access: Access; personId: string | null };

/** Null for a path that is not in the table. Nothing is decoded: an encoded path is simply another path. */
export function ruleFor(pathname: string): Match | null {
  for (const { rule, pattern } of COMPILED) {
    const found = pattern.exec(pathname);
    if (found) return { access: rule.access, personId: rule.person ? (found.groups?.userId ?? '') : null };
  }
  return null;
}
