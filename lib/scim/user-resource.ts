import { createHash } from 'node:crypto';
import type { scimEmails } from '@/db/schema/scim';
import type { User } from '@/db/schema/users';
import { env } from '@/lib/env';
import { emailField, firstNameField, lastNameField } from '@/lib/users/fields';
import { badRequest } from './error';
import { ENTERPRISE, USER } from './schema';
import { externalIdOf, isObject, type Json, type Resource } from './value';

/** Converts a person to a SCIM resource, and a resource to what is stored of a person. This is the only place for both. */
type EmailRow = typeof scimEmails.$inferSelect;
export type Email = Pick<EmailRow, 'value' | 'type' | 'display' | 'primary'>;
export type PersonRow = {
  user: User;
  emails: Email[];
  groups: { id: string; name: string }[];
};

export const BASE = '/api/scim/v2';
export const locationOf = (endpoint: string, id: string) => `${env().APP_URL}${BASE}${endpoint}/${id}`;

/** The row's revision and a hash of the groups, which are part of the resource but change elsewhere. */
export function versionOfUser({ user, groups }: PersonRow): string {
  const mark =
    groups.length === 0 ? '' : `-${createHash('sha256').update(JSON.stringify(groups)).digest('hex').slice(0, 8)}`;
  return `W/"${user.revision}${mark}"`;
}

export function userResource(row: PersonRow): Resource {
  const { user, emails, groups } = row;
  const { name, [ENTERPRISE]: enterprise, ...kept } = (user.scimAttributes ?? {}) as Json;
  const fullName = {
    ...(isObject(name) ? name : {}),
    ...(user.firstName ? { givenName: user.firstName } : {}),
    ...(user.lastName ? { familyName: user.lastName } : {}),
  };
  return {
    schemas: enterprise ? [USER, ENTERPRISE] : [USER],
    id: user.id,
    ...(user.scimExternalId === null ? {} : { externalId: user.scimExternalId }),
    userName: user.scimUserName,
    ...(Object.keys(fullName).length > 0 ? { name: fullName } : {}),
    ...kept,
    active: user.status === 'active',
    ...(emails.length > 0 ? { emails: emails.map(withoutNulls) } : {}),
    ...(groups.length > 0
      ? {
          groups: groups.map(({ id, name }) => ({
            value: id,
            $ref: locationOf('/Groups', id),
            display: name,
            type: 'direct',
          })),
        }
      : {}),
    ...(enterprise ? { [ENTERPRISE]: enterprise } : {}),
    meta: {
      resourceType: 'User',
      created: user.createdAt.toISOString(),
      lastModified: user.changedAt.toISOString(),
      location: locationOf('/Users', user.id),
      version: versionOfUser(row),
    },
  };
}

const withoutNulls = ({ value, type, display, primary }: Email) =>
  Object.fromEntries(Object.entries({ value, type, display, primary }).filter(([, each]) => each !== null));

export type Wanted = {
  userName: string;
  externalId: string | null;
  firstName: string;
  lastName: string;
  /** The address they sign in with. */
  email: string;
  /** Null if not given. */
  active: boolean | null;
  emails: Email[];
  attributes: Json;
};

const MOST_INDEXED = 1_000;
const MOST_KEPT = 64_000;

/** Throws if the resource cannot be a person here. */
export function wantedOf(resource: Resource): Wanted {
  const { userName, externalId, name, active, emails, id: _i, meta: _m, groups: _g, schemas: _s, ...rest } = resource;
  const { givenName, familyName, ...otherNames } = isObject(name) ? name : {};
  const attributes = { ...(Object.keys(otherNames).length > 0 ? { name: otherNames } : {}), ...rest };
  if (JSON.stringify(attributes).length > MOST_KEPT)
    throw badRequest('invalidValue', 'There is too much in this user.');
  const login = typeof userName === 'string' ? userName.trim() : '';
  if (login === '') throw badRequest('invalidValue', 'A user needs a “userName”.');
  if (login.length > 254) throw badRequest('invalidValue', 'A “userName” may have at most 254 characters.');
  const list = ((emails ?? []) as Json[]).map(emailOf);
  // These values are indexed, and an index entry has a size limit.
  for (const [name, value] of [['displayName', rest.displayName], ...list.map(({ value }) => ['emails', value])])
    if (typeof value === 'string' && Buffer.byteLength(value) > MOST_INDEXED)
      throw badRequest('invalidValue', `A value of “${name}” may have at most ${MOST_INDEXED} bytes.`);
  return {
    userName: login,
    externalId: externalIdOf(externalId),
    firstName: nameOf(firstNameField, 'name.givenName', givenName),
    lastName: nameOf(lastNameField, 'name.familyName', familyName),
    email: addressOf(list, login),
    active: typeof active === 'boolean' ? active : null,
    emails: list,
    attributes,
  };
}

const emailOf = (each: Json): Email => ({
  value: (each.value as string | undefined) ?? null,
  type: (each.type as string | undefined) ?? null,
  display: (each.display as string | undefined) ?? null,
  primary: (each.primary as boolean | undefined) ?? null,
});

function nameOf(field: typeof firstNameField, path: string, given: unknown): string {
  const read = field.safeParse(given ?? '');
  if (read.success) return read.data;
  throw badRequest('invalidValue', `“${path}”: ${read.error.issues[0]?.message}`);
}

/** Primary, else work, else the first; `userName` if no address is sent. */
function addressOf(emails: Email[], userName: string): string {
  const sent = emails.filter(({ value }) => value);
  const chosen =
    sent.find(({ primary }) => primary) ?? sent.find(({ type }) => type?.toLowerCase() === 'work') ?? sent[0];
  const read = emailField.safeParse(chosen?.value ?? userName);
  if (read.success) return read.data;
  throw badRequest(
    'invalidValue',
    chosen
      ? `“${chosen.value}” is not an e-mail address.`
      : 'Without “emails” the “userName” must be an e-mail address: people sign in with one.',
  );
}
