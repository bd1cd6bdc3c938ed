import type { ScimGroup } from '@/db/schema/scim';
import {
  type Answer,
  type Asked,
  allow,
  expectedOf,
  idOf,
  isUnchanged,
  list,
  notFound,
  projectionOnly,
  quote,
  unwrap,
} from './answers';
import { memberIds } from './find';
import { patchedGroup, wantedGroup } from './group-change';
import { groupResource, versionOfGroup } from './group-resource';
import { changeGroup, createGroup, deleteGroup, findGroup } from './groups';
import { listGroups } from './list';
import { readPatch } from './patch';
import { asksFor, type Projection, project } from './project';
import { type Query, readAddress, readSearch } from './query';
import { GROUP_TYPE } from './schema';
import { readResource } from './value';

export async function groups(asked: Asked): Promise<Answer> {
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

export async function group(asked: Asked, given: string): Promise<Answer> {
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
  // Returns the group only if attributes are requested: it may have thousands of members (RFC 7644, 3.5.2).
  if (projection.only) return { ...(await oneGroup(200, asked, changed, projection)), meaning };
  return {
    status: 204,
    headers: { etag: versionOfGroup(changed) },
    target: { id, label: changed.displayName },
    meaning,
  };
}
