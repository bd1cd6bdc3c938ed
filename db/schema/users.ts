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
/** In the order of the column: whom it does not concern, who has none, who has one. */
export const MFA_STATES = ['not_applicable', 'not_set_up', 'set_up'] as const;
export const mfaState = pgEnum('mfa_state', MFA_STATES);
export const managedBy = pgEnum('managed_by', ['scim', 'saml']);

/** Sorted and compared by its bytes. */
export const byteOrdered = customType<{ data: string }>({ dataType: () => 'text collate "C"' });
const humanOrdered = customType<{ data: string }>({ dataType: () => 'text collate "und-x-icu"' });

/**
 * A row belongs to one tenant. Sort keys and search text are stored columns, so that one page of any order is one index
 * range; the filter columns ride in each sort index, so that a filtered walk stays inside the index.
 * A removed row keeps its place for 30 days but not its address: every list index leaves it out.
 * Those indexes (INCLUDE, trigram) stand in `db/migrations/0019_order_the_list_by_sets.sql`, the unique address among them;
 * those of SCIM, and the trigger of `revision`, in `…_index_scim.sql`.
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
    /** The password was reported stolen: it opens nothing until a new one is set by mail. */
    passwordResetRequired: boolean('password_reset_required').notNull().default(false),
    mfaEnabled: boolean('mfa_enabled').notNull().default(false),
    samlEnabled: boolean('saml_enabled').notNull().default(false),
    /** An admin whose password opens the account where the tenant requires SAML: the way in when the identity provider is down. */
    breakGlass: boolean('break_glass').notNull().default(false),
    scimExternalId: text('scim_external_id'),
    /** The identity provider's own name for the person. Whoever has one is in the list that SCIM shows. */
    scimUserName: text('scim_user_name'),
    /** The token that wrote here last. */
    scimTokenId: uuid('scim_token_id'),
    /** What the identity provider told beside the columns here, as it is given back. Addresses stand in `scim_emails`. */
    scimAttributes: jsonb('scim_attributes').$type<Record<string, unknown>>(),
    /** When the identity provider took the access away; null again as soon as anybody gives it back. */
    scimDeprovisionedAt: timestamp('scim_deprovisioned_at', { withTimezone: true }),
    /** Both kept by a trigger, whoever writes: what SCIM calls version and last change. */
    revision: integer('revision').notNull().default(1),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull().defaultNow(),
    /** Who owns names and address, and who owns the role; null when they are edited here. */
    profileManagedBy: managedBy('profile_managed_by'),
    roleManagedBy: managedBy('role_managed_by'),
    lastLoginAt: timestamp('last_login_at', { withTimezone: true }),
    lastLoginMethod: signInMethod('last_login_method'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    removedAt: timestamp('removed_at', { withTimezone: true }),
    /** What a restore brings back. */
    statusBeforeRemoval: userStatus('status_before_removal'),

    /** Somebody who can only sign in by SAML proves no second factor here. */
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
    /** Begins with a blank, so that a one- or two-letter search can match the starts of words by trigram. */
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
    // A hash, so that no list of one tenant is read in its order, through everybody's.
    index('users_of_address').using('hash', t.emailKey).where(sql`status <> 'removed'`),
    check('users_removed', sql`(${t.status} = 'removed') = (${t.removedAt} is not null)`),
    check('users_email_form', sql`${t.email} like '%_@_%' and length(${t.email}) <= 254`),
  ],
);

export type User = typeof users.$inferSelect;
