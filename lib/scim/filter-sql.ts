import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { ID } from '@/db/id';
import { scimEmails, scimGroupMembers, scimGroups } from '@/db/schema/scim';
import { users } from '@/db/schema/users';
import { type Filter, invalid, leafOf, type Operator } from './filter';
import { pathName } from './path';

/**
 * Translates a filter to an SQL condition on indexed columns; attributes without one are refused. It means exactly the same
 * as `matches` on the resource: a test compares the two.
 */
type Column = {
  sql: SQL | PgColumn;
  /** `name`: case-folded, and an empty string if there is none. */
  kind: 'folded' | 'exact' | 'uuid' | 'time' | 'name';
};
/** Where an attribute is stored: in a column of the row, or in rows of its own. */
type Places = {
  single: Record<string, Column>;
  lists: Record<string, { exists: (inner: SQL) => SQL; single: Record<string, Column> }>;
};

const column =
  (kind: Column['kind']) =>
  (sql: Column['sql']): Column => ({ sql, kind });
const [folded, exact, uuid, time, name] = [
  column('folded'),
  column('exact'),
  column('uuid'),
  column('time'),
  column('name'),
];

const emailColumns = {
  value: folded(scimEmails.valueKey),
  type: folded(sql`lower(${scimEmails.type})`),
  display: folded(sql`lower(${scimEmails.display})`),
  primary: exact(scimEmails.primary),
};

export const USER_PLACES: Places = {
  single: {
    id: uuid(users.id),
    userName: folded(users.scimKey),
    externalId: exact(users.scimExternalId),
    displayName: folded(sql`lower(${users.scimAttributes} ->> 'displayName')`),
    'name.givenName': name(users.firstKey),
    'name.familyName': name(users.lastKey),
    active: exact(sql`(${users.status} = 'active')`),
    'meta.created': time(users.createdAt),
    'meta.lastModified': time(users.changedAt),
  },
  lists: {
    emails: {
      exists: (inner) =>
        sql`exists (select 1 from ${scimEmails} where ${scimEmails.tenantId} = ${users.tenantId} and ${scimEmails.userId} = ${users.id} and ${inner})`,
      single: emailColumns,
    },
    groups: {
      exists: (inner) =>
        sql`exists (select 1 from ${scimGroupMembers} where ${scimGroupMembers.tenantId} = ${users.tenantId} and ${scimGroupMembers.userId} = ${users.id} and ${inner})`,
      single: { value: uuid(scimGroupMembers.groupId) },
    },
  },
};

export const GROUP_PLACES: Places = {
  single: {
    id: uuid(scimGroups.id),
    displayName: folded(scimGroups.displayKey),
    externalId: exact(scimGroups.externalId),
    'meta.created': time(scimGroups.createdAt),
    'meta.lastModified': time(scimGroups.changedAt),
  },
  lists: {
    members: {
      exists: (inner) =>
        sql`exists (select 1 from ${scimGroupMembers} join ${users} on ${users.tenantId} = ${scimGroupMembers.tenantId} and ${users.id} = ${scimGroupMembers.userId} and ${users.status} <> 'removed'
          where ${scimGroupMembers.tenantId} = ${scimGroups.tenantId} and ${scimGroupMembers.groupId} = ${scimGroups.id} and ${inner})`,
      single: { value: uuid(scimGroupMembers.userId) },
    },
  },
};

export function filterSql(places: Places, filter: Filter): SQL {
  switch (filter.op) {
    case 'and':
    case 'or':
      return sql`(${filterSql(places, filter.left)} ${sql.raw(filter.op)} ${filterSql(places, filter.right)})`;
    case 'not':
      // A comparison with a missing value is null in SQL, and counts as false here.
      return sql`(${filterSql(places, filter.filter)}) is not true`;
    case 'value': {
      const list = places.lists[filter.attribute.name];
      if (!list) throw notIndexed(filter.attribute.name, places);
      return list.exists(filterSql({ single: list.single, lists: {} }, filter.filter));
    }
    default:
      return onSteps(places, filter);
  }
}

function onSteps(places: Places, filter: Extract<Filter, { steps: unknown }>): SQL {
  const name = pathName(filter.steps);
  const [first, second] = filter.steps;
  const list = places.lists[first.name];
  if (list) {
    const column = list.single[second?.name ?? 'value'];
    if (!column) throw notIndexed(name, places);
    if (filter.op !== 'ne') return list.exists(condition(column, filter));
    // True if some value differs, or if there is none: a missing value is unequal to every value.
    const given = sql`${column.sql} is not null`;
    return sql`(${list.exists(sql`(${given} and ${condition(column, filter)})`)} or not ${list.exists(given)})`;
  }
  const column = places.single[name];
  if (!column) throw notIndexed(name, places);
  return condition(column, filter);
}

const notIndexed = (name: string, { single, lists }: Places) =>
  invalid(`“${name}” cannot be searched by; these can: ${[...Object.keys(single), ...Object.keys(lists)].join(', ')}`);

const ORDER = { gt: sql.raw('>'), ge: sql.raw('>='), lt: sql.raw('<'), le: sql.raw('<=') };

function condition({ sql: column, kind }: Column, filter: Extract<Filter, { steps: unknown }>): SQL {
  if (filter.op === 'pr')
    return kind === 'folded' || kind === 'name' || leafOf(filter.steps).type === 'string'
      ? sql`(${column} is not null and ${column}::text <> '')`
      : sql`(${column} is not null)`;
  const { op, value } = filter;
  if (typeof value === 'boolean')
    return op === 'eq' ? sql`(${column} = ${value})` : sql`(${column} is distinct from ${value})`;
  if (kind === 'time') return timeCondition(column, op, value);
  if (kind === 'uuid' && op === 'eq') return ID.test(value) ? sql`(${column} = ${value}::uuid)` : sql`false`;
  const folds = kind === 'folded' || kind === 'name';
  const text = kind === 'uuid' ? sql`${column}::text` : column;
  if (op === 'ne')
    return sql`(${kind === 'name' ? sql`nullif(${text}, '')` : text} is distinct from ${folds ? sql`lower(${value})` : sql`${value}::text`})`;
  const found = textCondition(text, op, value, folds);
  return kind === 'name' ? sql`(${found} and ${text} <> '')` : found;
}

function textCondition(text: Column['sql'], op: Exclude<Operator, 'ne'>, value: string, folds: boolean): SQL {
  const given = (word: string) => (folds ? sql`lower(${word})` : sql`${word}::text`);
  if (op === 'eq') return sql`(${text} = ${given(value)})`;
  // Compared by bytes, as `matches` does.
  if (op in ORDER) return sql`(${text} collate "C" ${ORDER[op as keyof typeof ORDER]} ${given(value)})`;
  const literal = value.replace(/[\\%_]/g, (character) => `\\${character}`);
  return sql`(${text} like ${given(`${op === 'sw' ? '' : '%'}${literal}${op === 'ew' ? '' : '%'}`)})`;
}

/** The resource shows milliseconds and the column stores microseconds, so one millisecond is a range. */
function timeCondition(column: Column['sql'], op: Operator, value: string): SQL {
  const from = sql`${value}::timestamptz`;
  const until = sql`${value}::timestamptz + interval '1 millisecond'`;
  if (op === 'eq') return sql`(${column} >= ${from} and ${column} < ${until})`;
  if (op === 'ne') return sql`(${column} < ${from} or ${column} >= ${until})`;
  return {
    gt: sql`(${column} >= ${until})`,
    ge: sql`(${column} >= ${from})`,
    lt: sql`(${column} < ${from})`,
    le: sql`(${column} < ${until})`,
  }[op as 'gt' | 'ge' | 'lt' | 'le'];
}
