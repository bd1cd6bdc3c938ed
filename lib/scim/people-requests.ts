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
  unwrap,
} from './answers';
import { findPerson, withParts } from './find';
import { listPeople } from './list';
import { applyPatch, readPatch } from './patch';
import { changePerson, createPerson, deletePerson } from './person';
import { type Projection, project } from './project';
import { type Query, readAddress, readSearch } from './query';
import { USER_TYPE } from './schema';
import { type PersonRow, userResource, versionOfUser } from './user-resource';
import { type Json, readResource } from './value';

export async function people(asked: Asked): Promise<Answer> {
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

export async function person(asked: Asked, given: string): Promise<Answer> {
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
