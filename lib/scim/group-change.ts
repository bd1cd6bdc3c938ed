import { UUID } from '@/db/id';
import type { ScimGroup } from '@/db/schema/scim';
import { badRequest, ScimError } from './error';
import type { Filter } from './filter';
import type { Operation } from './patch';
import { externalIdOf, type Json, type Resource } from './value';

/** As many as a body can hold, since a client that sends a whole group cannot split it. */
export const MOST_MEMBERS = 12_000;

/** The wanted change of a group: its names and its members. */
export type GroupChange = {
  displayName: string;
  externalId: string | null;
  members: {
    /** Removes all members that are not in `add`. */
    clear: boolean;
    add: string[];
    remove: string[];
  };
};

/** POST and PUT. */
export function wantedGroup(resource: Resource): GroupChange {
  return {
    displayName: displayNameOf(resource.displayName),
    externalId: externalIdOf(resource.externalId),
    members: { clear: true, add: memberIdsOf(resource.members), remove: [] },
  };
}

function displayNameOf(given: unknown): string {
  const name = typeof given === 'string' ? given.trim() : '';
  if (name === '') throw badRequest('invalidValue', 'A group needs a “displayName”.');
  if (name.length > 256) throw badRequest('invalidValue', 'A “displayName” may have at most 256 characters.');
  return name;
}

function memberIdsOf(members: unknown): string[] {
  const list = (members ?? []) as Json[];
  if (list.length > MOST_MEMBERS) throw tooManyMembers();
  const ids = list.map(({ value, type }) => {
    if (typeof type === 'string' && type.toLowerCase() === 'group') throw nested();
    if (typeof value !== 'string' || !UUID.test(value))
      throw badRequest('invalidValue', `“${String(value).slice(0, 100)}” is not the id of a user here.`);
    return value.toLowerCase();
  });
  return [...new Set(ids)];
}

const tooManyMembers = () =>
  new ScimError(413, `A request may name at most ${MOST_MEMBERS} members. Send them in several requests.`);
export const nested = () =>
  badRequest('invalidValue', 'Groups within groups are not supported: send the people themselves as members.');

/** PATCH: folds the operations, in order, into one change. */
export function patchedGroup(before: ScimGroup, operations: Operation[]): GroupChange {
  let { displayName, externalId } = before;
  let clear = false;
  const add = new Set<string>();
  const remove = new Set<string>();
  for (const { verb, steps, choose, value } of operations) {
    const name = steps[0].name;
    if (name === 'displayName') displayName = displayNameOf(verb === 'remove' ? '' : value);
    else if (name === 'externalId') externalId = verb === 'remove' ? null : externalIdOf(String(value));
    else if (name !== 'members') continue;
    else if (steps.length > 1 || (choose && verb !== 'remove'))
      throw badRequest('mutability', 'A member is added or removed, not changed.');
    else if (verb === 'remove' && (choose || value !== undefined)) {
      for (const id of choose ? [chosenMember(choose)] : memberIdsOf(value)) {
        add.delete(id);
        remove.add(id);
      }
    } else {
      if (verb !== 'add') {
        clear = true;
        add.clear();
        remove.clear();
      }
      for (const id of verb === 'remove' ? [] : memberIdsOf(value)) {
        remove.delete(id);
        add.add(id);
      }
    }
  }
  if (add.size + remove.size > MOST_MEMBERS) throw tooManyMembers();
  return { displayName, externalId, members: { clear, add: [...add], remove: [...remove] } };
}

/** `members[value eq "…"]`. */
function chosenMember(choose: Filter): string {
  if (choose.op === 'eq' && choose.steps[0].name === 'value' && typeof choose.value === 'string')
    return memberIdsOf([{ value: choose.value }])[0] ?? '';
  throw badRequest('invalidFilter', 'Members are chosen by members[value eq "id"].');
}
