import { type SQL, sql } from 'drizzle-orm';
import {
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { ROLES } from '@/lib/actor';
import { scimTokens } from './scim-tokens';
import { tenants } from './tenants';

export const userRole = pgEnum('user_role', ROLES);
export const USER_STATUSES = ['active', 'invited', 'deactivated', 'removed'] as const;
export const userStatus = pgEnum('user_status', USER_STATUSES);
export const SIGN_IN_METHODS = ['password', 'saml', 'passkey'] as const;
export const signInMethod = pgEnum('sign_in_method', SIGN_IN_METHODS);
/** In the column's sort order: people without need of a factor, those without one, those with one. */
export const MFA_STATES = ['not_applicable', 'not_set_up', 'set_up'] as const;
export const mfaState = pgEnum('mfa_state', MFA_STATES);
export const managedBy = pgEnum('managed_by', ['scim', 'saml']);

/** Sorted and compared bytewise. */
export const byteOrdered = customType<{ data: string }>({ dataType: () => 'text collate "C"' });
const humanOrdered = customType<{ data: string }>({ dataType: () => 'text collate "und-x-icu"' });

/**
 * A row belongs to one tenant. Sort keys and search text are stored columns, so that a page in any order is one index range.
 * Each sort index includes the filter columns, so that a filtered scan stays inside the index.
 * A removed row is kept for 30 days but releases its address: every list index leaves it out.
 * Those indexes (INCLUDE, trigram, unique address) are in `db/migrations/0019_order_the_list_by_sets.sql`; those of SCIM, and
 * the trigger of `revision`, are in `…_index_scim.sql`.
 */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    email: text('email').notNull(),
    firstName: text('first_name').notNull().default(''),
    lastName: text('last_name').notNull().default(''),
    role: userRole('role').notNull(),
    status: userStatus('status').notNull(),
    passwordHash: text('password_hash'),
    /** The password was reported stolen: it is refused until a new one is set by mail. */
    passwordResetRequired: boolean('password_reset_required').notNull().default(false),
    mfaEnabled: boolean('mfa_enabled').notNull().default(false),
    samlEnabled: boolean('saml_enabled').notNull().default(false),
    /** An admin whose password works even where the tenant requires SAML: the way in when the identity provider is down. */
    breakGlass: boolean('break_glass').notNull().default(false),
    scimExternalId: text('scim_external_id'),
    /** The identity provider's name for the person. Everybody who has one is in the list that SCIM shows. */
    scimUserName: text('scim_user_name'),
    /** The SCIM token that last wrote this row. */
    scimTokenId: uuid('scim_token_id'),
    /** Attributes that the identity provider sent beside these columns; returned unchanged. Addresses are in `scim_emails`. */
    scimAttributes: jsonb('scim_attributes').$type<Record<string, unknown>>(),
    /** When the identity provider withdrew access; null again as soon as anybody restores it. */
    scimDeprovisionedAt: timestamp('scim_deprovisioned_at', { withTimezone: true }),
    /** A trigger sets both, for every writer. SCIM calls them version and last change. */
    revision: integer('revision').notNull().default(1),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull().defaultNow(),
    /** The owner of names and address, and the owner of the role; null if they are edited here. */
    profileManagedBy: managedBy('profile_managed_by'),
    roleManagedBy: managedBy('role_managed_by'),
    lastLoginAt: timestamp('last_login_at', { withTimezone: true }),
    lastLoginMethod: signInMethod('last_login_method'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    removedAt: timestamp('removed_at', { withTimezone: true }),
    /** The status that a restore brings back. */
    statusBeforeRemoval: userStatus('status_before_removal'),

    /** A person who can only sign in by SAML proves no second factor here. */
    mfa: mfaState('mfa')
      .notNull()
      .generatedAlwaysAs(
        (): SQL =>
          sql`case when ${users.mfaEnabled} then 'set_up'::mfa_state when ${users.samlEnabled} and ${users.passwordHash} is null then 'not_applicable'::mfa_state else 'not_set_up'::mfa_state end`,
      ),
    emailKey: byteOrdered('email_key')
      .notNull()
      .generatedAlwaysAs((): SQL => sql`lower(${users.email})`),
    firstKey: humanOrdered('first_key')
      .notNull()
      .generatedAlwaysAs((): SQL => sql`lower(${users.firstName})`),
    lastKey: humanOrdered('last_key')
      .notNull()
      .generatedAlwaysAs((): SQL => sql`lower(${users.lastName})`),
    scimKey: byteOrdered('scim_key').generatedAlwaysAs((): SQL => sql`lower(${users.scimUserName})`),
    loginKey: timestamp('login_key', { withTimezone: true })
      .notNull()
      .generatedAlwaysAs((): SQL => sql`coalesce(${users.lastLoginAt}, '-infinity'::timestamptz)`),
    /** Begins with a blank, so that a search of one or two letters can match the starts of words by trigram. */
    search: text('search')
      .notNull()
      .generatedAlwaysAs(
        (): SQL =>
          sql`' ' || lower(${users.firstName} || ' ' || ${users.lastName} || ' ' || ${users.email} || ' ' || coalesce(${users.scimExternalId}, ''))`,
      ),
  },
  (t) => [
    unique('users_tenant_id').on(t.tenantId, t.id),
    foreignKey({ columns: [t.tenantId, t.scimTokenId], foreignColumns: [scimTokens.tenantId, scimTokens.id] }),
    // A hash index has no order, so it is never used to list one tenant by walking through everybody's addresses.
    index('users_of_address').using('hash', t.emailKey).where(sql`status <> 'removed'`),
    check('users_removed', sql`(${t.status} = 'removed') = (${t.removedAt} is not null)`),
    check('users_email_form', sql`${t.email} like '%_@_%' and length(${t.email}) <= 254`),
  ],
);

export type User = typeof users.$inferSelect;
