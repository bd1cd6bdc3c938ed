import type { ScimGroup } from '@/db/schema/scim';
import { GROUP } from './schema';
import { locationOf } from './user-resource';
import type { Resource } from './value';

export const versionOfGroup = ({ revision }: ScimGroup) => `W/"${revision}"`;

/** `members`: null if they were not requested. */
export function groupResource(group: ScimGroup, members: string[] | null): Resource {
  return {
    schemas: [GROUP],
    id: group.id,
    ...(group.externalId === null ? {} : { externalId: group.externalId }),
    displayName: group.displayName,
    ...(members && members.length > 0
      ? { members: members.map((id) => ({ value: id, $ref: locationOf('/Users', id), type: 'User' })) }
      : {}),
    meta: {
      resourceType: 'Group',
      created: group.createdAt.toISOString(),
      lastModified: group.changedAt.toISOString(),
      location: locationOf('/Groups', group.id),
      version: versionOfGroup(group),
    },
  };
}
