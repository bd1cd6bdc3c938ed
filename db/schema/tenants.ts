import { sql } from 'drizzle-orm';
import { check, integer, pgEnum, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';

/** The maximum that a tenant may set for a session or an invitation: 30 days. */
export const MOST_HOURS = 720;

export const SAML_MODES = ['off', 'enabled', 'required'] as const;
export const samlMode = pgEnum('saml_mode', SAML_MODES);

export const tenants = pgTable(
  'tenants',
  {
    id: uuid('id').primaryKey(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    sessionIdleHours: integer('session_idle_hours').notNull().default(12),
    sessionAbsoluteHours: integer('session_absolute_hours').notNull().default(168),
    invitationHours: integer('invitation_hours').notNull().default(24),
    /** Since when everybody who signs in by password needs a second factor. Sessions begun earlier continue. */
    mfaRequiredSince: timestamp('mfa_required_since', { withTimezone: true }),
    /** Domains that invitations may go to, in lower case; empty means any. */
    invitationDomains: text('invitation_domains').array().notNull().default([]),
    /**
     * Whether people sign in through the identity provider. If required, passwords only open the accounts of break-glass
     * admins.
     */
    saml: samlMode('saml').notNull().default('off'),
  },
  (t) => [
    uniqueIndex('tenants_slug').on(t.slug),
    check('tenants_slug_form', sql`${t.slug} ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'`),
    check('tenants_invitation_hours', sql`${t.invitationHours} between 1 and ${sql.raw(String(MOST_HOURS))}`),
    check('tenants_session_hours', sql`${t.sessionIdleHours} between 1 and ${t.sessionAbsoluteHours}`),
    check('tenants_absolute_hours', sql`${t.sessionAbsoluteHours} <= ${sql.raw(String(MOST_HOURS))}`),
  ],
);

/** The one-time links to `/setup`. All become invalid as soon as a tenant exists. */
export const setupLinks = pgTable('setup_links', {
  tokenHash: text('token_hash').primaryKey(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
});
