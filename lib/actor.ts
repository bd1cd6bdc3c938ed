/**
 * Who asks, and through which door. Every command takes an actor first and audits it; no command acts for nobody.
 * A `user` actor is read from the database on each request and never built from anything the browser sent.
 */

/** Grows with the product; `db/schema/users.ts` derives the column's values from it. */
export const ROLES = ['standard_user', 'tenant_admin'] as const;
export type Role = (typeof ROLES)[number];
export const ROLE_NAMES: Record<Role, string> = { standard_user: 'Standard User', tenant_admin: 'Tenant Admin' };

/**
 * Where a request came from, as far as the server can tell: the address is the socket's or a trusted proxy's. `deviceToken`
 * is what an earlier sign-in left in this browser.
 */
export type Origin = { ip: string | null; userAgent: string | null; deviceToken?: string | null };

/** The server in front of the app has already made `x-forwarded-for` trustworthy: it is one address. */
export const originOf = (headers: Pick<Headers, 'get'>): Origin => ({
  ip: headers.get('x-forwarded-for')?.split(',')[0]?.trim() || null,
  userAgent: headers.get('user-agent'),
});

export type UserActor = {
  kind: 'user';
  tenantId: string;
  userId: string;
  sessionId: string;
  role: Role;
  /** E-mail address, kept as a snapshot in audit entries. */
  label: string;
  origin: Origin;
};

/** A key acts for the person who made it, with what that person may do now. */
export type KeyActor = Omit<UserActor, 'kind' | 'sessionId'> & { kind: 'api_key'; keyId: string; keyName: string };

/** Machines and operators act with the rights of an admin of their one tenant; the audit entry names which it was. */
export type MachineActor = {
  kind: 'scim' | 'cli' | 'system';
  tenantId: string;
  /** The token's id; null for the operator's shell and for the product itself. */
  id: string | null;
  label: string;
  origin: Origin;
};

export type Actor = UserActor | KeyActor | MachineActor;

/** The person who acts, in a browser or by a key of theirs; null for machines. */
export const personOf = (actor: Actor): string | null => ('userId' in actor ? actor.userId : null);

export const ACTOR_KINDS = ['user', 'scim', 'api_key', 'cli', 'system'] as const satisfies readonly Actor['kind'][];

export const NO_ORIGIN: Origin = { ip: null, userAgent: null };

type Person = { id: string; tenantId: string; role: Role; email: string };

/** A person who acts for themself, in the session by which they proved who they are. */
export const asActor = (user: Person, sessionId: string, origin: Origin): UserActor => ({
  kind: 'user',
  tenantId: user.tenantId,
  userId: user.id,
  sessionId,
  role: user.role,
  label: user.email,
  origin,
});

export const systemActor = (tenantId: string): MachineActor => ({
  kind: 'system',
  tenantId,
  id: null,
  label: 'Rollcall',
  origin: NO_ORIGIN,
});
