import { getTableName, is, Table } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import * as apiKeys from './schema/api-keys';
import * as audit from './schema/audit';
import * as factors from './schema/factors';
import * as invitations from './schema/invitations';
import * as jobs from './schema/jobs';
import * as mails from './schema/mails';
import * as passwordResets from './schema/password-resets';
import * as saml from './schema/saml';
import * as scim from './schema/scim';
import * as scimTokens from './schema/scim-tokens';
import * as sessions from './schema/sessions';
import * as tenants from './schema/tenants';
import * as users from './schema/users';

const rooms = [
  apiKeys,
  audit,
  factors,
  invitations,
  jobs,
  mails,
  passwordResets,
  saml,
  scim,
  scimTokens,
  sessions,
  tenants,
  users,
];

const tables = rooms.flatMap((room) => Object.values(room)).filter((value): value is PgTable => is(value, Table));

/** The tenant tables, each with the column that holds the tenant's id. A test compares them with the database. */
export const TENANT_COLUMNS: ReadonlyMap<string, string> = new Map(
  tables.flatMap((table): [string, string][] => {
    if (table === tenants.tenants) return [[getTableName(table), 'id']];
    const hasTenant = getTableConfig(table).columns.some(({ name }) => name === 'tenant_id');
    return hasTenant ? [[getTableName(table), 'tenant_id']] : [];
  }),
);

/** Tables whose `id` alone identifies a row, so the id of a tenant's row always leads to that tenant. */
export const ROW_IDS: ReadonlySet<string> = new Set(
  tables
    .filter((table) => getTableConfig(table).columns.some(({ name, primary }) => primary && name === 'id'))
    .map(getTableName),
);
