/**
 * The actor of a command: who acts, and through which interface. Commands take it as their first argument and record it in the
 * audit log; those that sign somebody in build it themselves. No command runs without one.
 * A `user` actor is read from the database on each request, never built from what the browser sent.
 */

/** The list may grow; `db/schema/users.ts` derives the column's values from it. */
export const ROLES = ['standard_user', 'tenant_admin'] as const;
export type Role = (typeof ROLES)[number];
export const ROLE_NAMES: Record<Role, string> = { standard_user: 'Standard User', tenant_admin: 'Tenant Admin' };

/**
 * Where a request came from, as far as the server can tell. The address is the socket's or comes from a trusted proxy.
 * `deviceToken` was set in this browser by an earlier sign-in.
 */
export type Origin = { ip: string | null; userAgent: string | null; deviceToken?: string | null };

/** The server in front of the app has already replaced `x-forwarded-for` with one trustworthy address. */
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

/** An API key acts as the person who made it, with that person's current rights. */
export type KeyActor = Omit<UserActor, 'kind' | 'sessionId'> & { kind: 'api_key'; keyId: string; keyName: string };

/** Machines and operators have an admin's rights in their one tenant. The audit entry records which of them acted. */
export type MachineActor = {
  kind: 'scim' | 'cli' | 'system';
  tenantId: string;
  /**
   * The token's id, or the person's when they used a link without a session; null for the operator's shell and the product
   * itself.
   */
  id: string | null;
  label: string;
  origin: Origin;
};

export type Actor = UserActor | KeyActor | MachineActor;

/** The id of the person who acts, in a browser or by their API key; null for machines. */
export const personOf = (actor: Actor): string | null => ('userId' in actor ? actor.userId : null);

export const ACTOR_KINDS = ['user', 'scim', 'api_key', 'cli', 'system'] as const satisfies readonly Actor['kind'][];

export const NO_ORIGIN: Origin = { ip: null, userAgent: null };

type Person = { id: string; tenantId: string; role: Role; email: string };

/** The actor of a person in their own session. */
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
