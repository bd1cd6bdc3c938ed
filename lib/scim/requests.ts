import type { ScimGroup } from '@/db/schema/scim';
import type { Outcome } from '@/lib/outcome';
import { listResponse, resourceTypes, schemas, serviceProviderConfig } from './discovery';
import { ScimError } from './error';
import { findPerson, memberIds, withParts } from './find';
import {
  changeGroup,
  createGroup,
  deleteGroup,
  findGroup,
  groupResource,
  patchedGroup,
  versionOfGroup,
  wantedGroup,
} from './groups';
import { listGroups, listPeople } from './list';
import { applyPatch, readPatch } from './patch';
import { changePerson, createPerson, deletePerson, type Exchange, type Expected } from './person';
import { asksFor, type Projection, project } from './project';
import { type Query, readAddress, readSearch } from './query';
import { GROUP_TYPE, USER_TYPE } from './schema';
import { type PersonRow, userResource, versionOfUser } from './user-resource';
import { type Json, readResource } from './value';

/** The requests of RFC 7644, one function each: what is asked becomes a deed, and its outcome an answer. */
export type Asked = Exchange & {
  method: string;
  /** Below `/api/scim/v2`. */
  path: string[];
  search: URLSearchParams;
  ifMatch: string | null;
  ifNoneMatch: string | null;
  body: unknown;
};

export type Answer = {
  status: number;
  body?: Json;
  headers?: Record<string, string>;
  /** In a sentence, for the flight recorder. */
  meaning: string;
  target?: { id: string; label: string };
};

/** Why a deed was refused, said to the admin of an identity provider. */
const REFUSALS = {
  'not-found': new ScimError(404, 'There is no such resource.'),
  'not-allowed': new ScimError(401, 'The token was revoked or has expired.'),
  version: new ScimError(412, 'The resource has changed since the version that If-Match names.'),
  'address-taken': new ScimError(409, 'Another user has this userName or e-mail address already.', 'uniqueness'),
  'group-name-taken': new ScimError(409, 'Another group has this displayName already.', 'uniqueness'),
  'last-admin': new ScimError(
    409,
    'This would leave the organisation without a Tenant Admin who can sign in, so nothing was changed. Make somebody else a Tenant Admin first.',
  ),
  'profile-managed': new ScimError(409, 'Name and address of this user are managed by another source.'),
  removed: new ScimError(404, 'There is no such resource.'),
  self: new ScimError(403, 'Nobody may do this to themself.'),
  invited: new ScimError(409, 'This person has an open invitation.'),
  'not-active': new ScimError(409, 'This person is not active.'),
  'not-deactivated': new ScimError(409, 'This person is active already.'),
  'invited-address': new ScimError(409, 'This person has an open invitation to another address.'),
} as const;

function unwrap<T>(outcome: Outcome<T, keyof typeof REFUSALS>): T {
  if (!outcome.ok) throw REFUSALS[outcome.refusal];
  return outcome.value;
}

const notFound = (what = 'There is no such resource.') => new ScimError(404, what);
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const idOf = (given: string): string => {
  if (!UUID.test(given)) throw notFound();
  return given.toLowerCase();
};

export async function answer(asked: Asked): Promise<Answer> {
  const [first = '', second, ...rest] = asked.path;
  if (rest.length > 0) throw notFound();
  switch (first.toLowerCase()) {
    case 'users':
      return second === undefined ? people(asked) : person(asked, second);
    case 'groups':
      return second === undefined ? groups(asked) : group(asked, second);
    case 'serviceproviderconfig':
      return second === undefined
        ? discover(asked, serviceProviderConfig(), 'Asked what this server can do.')
        : absent();
    case 'resourcetypes':
      return discoverIn(asked, resourceTypes(), second);
    case 'schemas':
      return discoverIn(asked, schemas(), second);
    case 'me':
    case 'bulk':
    case '.search':
      throw new ScimError(501, `“/${first}” is not offered here; ServiceProviderConfig says what is.`);
    default:
      return absent();
  }
}

const absent = (): never => {
  throw notFound('There is no such endpoint.');
};

function allow(asked: Asked, ...methods: string[]): void {
  if (methods.includes(asked.method)) return;
  throw new ScimError(405, `${asked.method} is not offered here.`, undefined, { allow: methods.join(', ') });
}

function discover(asked: Asked, body: Json, meaning: string): Answer {
  allow(asked, 'GET');
  if (asked.search.has('filter')) throw new ScimError(403, 'A filter cannot be used here (RFC 7644, 4).');
  return { status: 200, body, meaning };
}

function discoverIn(asked: Asked, all: Json[], id: string | undefined): Answer {
  if (id === undefined) return discover(asked, listResponse(all), 'Asked what this server can do.');
  const one = all.find((each) => String(each.id).toLowerCase() === id.toLowerCase());
  return one ? discover(asked, one, 'Asked what this server can do.') : absent();
}

/** RFC 7644, 3.14. A write that names no version holds for any. */
function expectedOf({ ifMatch }: Asked): Expected {
  if (!ifMatch || ifMatch.trim() === '*') return null;
  return ifMatch.split(',').map((each) => weak(each));
}
const weak = (tag: string) => (tag.trim().startsWith('W/') ? tag.trim() : `W/${tag.trim()}`);

const isUnchanged = ({ ifNoneMatch }: Asked, version: string): boolean =>
  ifNoneMatch !== null && (ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').map(weak).includes(version));

const quote = (text: string) => `“${text}”`;

// People

async function people(asked: Asked): Promise<Answer> {
  allow(asked, 'GET', 'POST');
  if (asked.method === 'GET') return listOfPeople(asked, readAddress(USER_TYPE, asked.search));
  const { row, adopted } = unwrap(await createPerson(asked, readResource(USER_TYPE, asked.body)));
  const label = row.user.email;
  return {
    ...onePerson(201, row, readAddress(USER_TYPE, asked.search).projection),
    meaning: adopted ? `Took over ${label}, who was here already.` : `Created ${label}.`,
  };
}

async function listOfPeople(asked: Asked, query: Query): Promise<Answer> {
  const page = await listPeople(asked.actor.tenantId, query);
  const rows = await withParts(page.rows);
  const resources = rows.map((row) => project(userResource(row), query.projection));
  return list(query, page, resources, 'user', rows.length === 1 ? rows[0]?.user.email : undefined);
}

type Paged = { total: number; nextCursor: string | undefined };

function list(query: Query, { total, nextCursor }: Paged, resources: Json[], noun: string, only?: string): Answer {
  const at = query.cursor === undefined ? { startIndex: query.startIndex } : nextCursor ? { nextCursor } : {};
  const found = only ? `found ${only}` : `found ${total}`;
  return {
    status: 200,
    body: listResponse(resources, { totalResults: total, ...at }),
    meaning: query.filter
      ? `Looked for a ${noun}: ${total === 0 ? 'found none' : found}.`
      : `Read the list of ${noun}s: ${resources.length} of ${total}.`,
  };
}

function onePerson(status: number, row: PersonRow, projection: Projection): Omit<Answer, 'meaning'> {
  const resource = userResource(row);
  const { location, version } = resource.meta as { location: string; version: string };
  return {
    status,
    body: project(resource, projection),
    headers: { location, etag: version },
    target: { id: row.user.id, label: row.user.email },
  };
}

async function person(asked: Asked, given: string): Promise<Answer> {
  if (given === '.search') {
    allow(asked, 'POST');
    return listOfPeople(asked, readSearch(USER_TYPE, asked.body));
  }
  allow(asked, 'GET', 'PUT', 'PATCH', 'DELETE');
  const id = idOf(given);
  const { projection } = readAddress(USER_TYPE, projectionOnly(asked.search));
  if (asked.method === 'GET') {
    const row = await findPerson(asked.actor.tenantId, id);
    if (!row) throw notFound(`There is no user ${given}.`);
    const target = { id, label: row.user.email };
    if (isUnchanged(asked, versionOfUser(row)))
      return {
        status: 304,
        headers: { etag: versionOfUser(row) },
        target,
        meaning: `Asked for ${target.label}: unchanged.`,
      };
    return { ...onePerson(200, row, projection), meaning: `Read ${target.label}.` };
  }
  if (asked.method === 'DELETE') {
    const { row, sessionsEnded } = unwrap(await deletePerson(asked, id, expectedOf(asked)));
    const label = row.user.email;
    return { status: 204, target: { id, label }, meaning: `Removed ${label}; ${sessionsEnded} sessions ended.` };
  }
  const row = await (asked.method === 'PUT' ? replacePerson(asked, id) : patchPerson(asked, id));
  return { ...onePerson(200, row, projection), meaning: `Changed ${row.user.email}, ${row.user.status} now.` };
}

const projectionOnly = (search: URLSearchParams) =>
  new URLSearchParams([...search].filter(([name]) => /^(excluded)?attributes$/i.test(name)));

async function replacePerson(asked: Asked, id: string): Promise<PersonRow> {
  const resource = readResource(USER_TYPE, asked.body);
  const outcome = await changePerson(asked, id, expectedOf(asked), resource.active === false, () => resource);
  return unwrap(outcome).row;
}

async function patchPerson(asked: Asked, id: string): Promise<PersonRow> {
  const operations = readPatch(USER_TYPE, asked.body);
  const mayDeactivate = operations.some(({ steps, value }) => steps[0].name === 'active' && value !== true);
  const change = (before: Json) => applyPatch(before, operations);
  return unwrap(await changePerson(asked, id, expectedOf(asked), mayDeactivate, change)).row;
}

// Groups

async function groups(asked: Asked): Promise<Answer> {
  allow(asked, 'GET', 'POST');
  const query = readAddress(GROUP_TYPE, asked.search);
  if (asked.method === 'GET') return listOfGroups(asked, query);
  const { group } = unwrap(await createGroup(asked, wantedGroup(readResource(GROUP_TYPE, asked.body))));
  return {
    ...(await oneGroup(201, asked, group, query.projection)),
    meaning: `Created the group ${quote(group.displayName)}.`,
  };
}

async function listOfGroups(asked: Asked, query: Query): Promise<Answer> {
  const { tenantId } = asked.actor;
  const page = await listGroups(tenantId, query);
  const ids = page.rows.map(({ id }) => id);
  const members = asksFor(query.projection, 'members') ? await memberIds(tenantId, ids) : null;
  const resources = page.rows.map((row) => project(groupResource(row, members?.get(row.id) ?? null), query.projection));
  return list(
    query,
    page,
    resources,
    'group',
    page.rows.length === 1 ? quote(page.rows[0]?.displayName ?? '') : undefined,
  );
}

async function oneGroup(status: number, asked: Asked, group: ScimGroup, projection: Projection) {
  const isWanted = asksFor(projection, 'members');
  const members = isWanted ? ((await memberIds(asked.actor.tenantId, [group.id])).get(group.id) ?? []) : null;
  const resource = groupResource(group, members);
  const { location, version } = resource.meta as { location: string; version: string };
  return {
    status,
    body: project(resource, projection),
    headers: { location, etag: version },
    target: { id: group.id, label: group.displayName },
  };
}

async function group(asked: Asked, given: string): Promise<Answer> {
  if (given === '.search') {
    allow(asked, 'POST');
    return listOfGroups(asked, readSearch(GROUP_TYPE, asked.body));
  }
  allow(asked, 'GET', 'PUT', 'PATCH', 'DELETE');
  const id = idOf(given);
  const { projection } = readAddress(GROUP_TYPE, projectionOnly(asked.search));
  const expected = expectedOf(asked);
  if (asked.method === 'GET') {
    const found = await findGroup(asked.actor.tenantId, id);
    if (!found) throw notFound(`There is no group ${given}.`);
    const target = { id, label: found.displayName };
    if (isUnchanged(asked, versionOfGroup(found)))
      return {
        status: 304,
        headers: { etag: versionOfGroup(found) },
        target,
        meaning: `Asked for the group ${quote(target.label)}: unchanged.`,
      };
    return { ...(await oneGroup(200, asked, found, projection)), meaning: `Read the group ${quote(target.label)}.` };
  }
  if (asked.method === 'DELETE') {
    const deleted = unwrap(await deleteGroup(asked, id, expected)).group;
    return {
      status: 204,
      target: { id, label: deleted.displayName },
      meaning: `Deleted the group ${quote(deleted.displayName)}.`,
    };
  }
  if (asked.method === 'PUT') {
    const wanted = wantedGroup(readResource(GROUP_TYPE, asked.body));
    const replaced = unwrap(await changeGroup(asked, id, expected, () => wanted)).group;
    return {
      ...(await oneGroup(200, asked, replaced, projection)),
      meaning: `Replaced the group ${quote(replaced.displayName)}.`,
    };
  }
  const operations = readPatch(GROUP_TYPE, asked.body);
  const changed = unwrap(await changeGroup(asked, id, expected, (before) => patchedGroup(before, operations))).group;
  const meaning = `Changed the group ${quote(changed.displayName)}.`;
  // The whole of it only where it is asked for: a group may have thousands of members (RFC 7644, 3.5.2).
  if (projection.only) return { ...(await oneGroup(200, asked, changed, projection)), meaning };
  return {
    status: 204,
    headers: { etag: versionOfGroup(changed) },
    target: { id, label: changed.displayName },
    meaning,
  };
}
