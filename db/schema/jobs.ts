import { sql } from 'drizzle-orm';
import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Role } from '@/lib/actor';
import { users } from './users';

/** The commands that can be applied to many people at once. */
export const BULK_DEEDS = [
  'make-admin',
  'make-standard',
  'deactivate',
  'reactivate',
  'sign-out',
  'ask-second-factor',
  'resend-invitation',
  'remove',
  'restore',
] as const;
export const jobDeed = pgEnum('job_deed', ['invite', ...BULK_DEEDS]);
/** A draft is a checked list that waits for confirmation. */
export const jobStatus = pgEnum('job_status', ['draft', 'open', 'finished', 'stopped']);
/** An admin stopped it; the person who began it may not continue; an internal error. */
export const jobStop = pgEnum('job_stop', ['asked', 'actor', 'fault']);

/** A command for more people than one request can wait for. It acts in the session that began it. */
export const jobs = pgTable(
  'jobs',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    deed: jobDeed('deed').notNull(),
    status: jobStatus('status').notNull(),
    /** Who began or resumed it, and from where. */
    userId: uuid('user_id').notNull(),
    sessionId: uuid('session_id').notNull(),
    ip: text('ip'),
    userAgent: text('user_agent'),
    /** For an invitation: the role of a new person whose row names none. */
    newcomerRole: text('newcomer_role').$type<Role>(),
    /** Number of rows to process, and their outcomes so far. */
    total: integer('total').notNull(),
    done: integer('done').notNull().default(0),
    refused: integer('refused').notNull().default(0),
    /** The last row processed: all rows up to it are settled, and none after it. */
    position: integer('position').notNull().default(0),
    /** After a failed batch, rows are processed one by one up to here. */
    carefulUntil: integer('careful_until').notNull().default(0),
    /** How often the next batch has failed. */
    failures: integer('failures').notNull().default(0),
    /** When its next batch may run; open jobs take turns by it. */
    turnAt: timestamp('turn_at', { withTimezone: true }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    begunAt: timestamp('begun_at', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    stopped: jobStop('stopped'),
  },
  (t) => [
    unique('jobs_tenant_id').on(t.tenantId, t.id),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    index('jobs_turn').on(t.turnAt).where(sql`status = 'open'`),
    index('jobs_creator').on(t.tenantId, t.userId),
    index('jobs_old').on(t.createdAt),
  ],
);

/** A row of an uploaded list, and what is shown of it. */
export type GivenRow = {
  line: number;
  firstName: string;
  lastName: string;
  role: Role | null;
  unknownRole: string | null;
  /** The role that the person gets; null if the role chosen for the list applies. */
  roleThen: Role | null;
  sentence: string;
};

/** The frozen rows of a job, one per person. Person and address are snapshots: a row outlives both, and locks neither. */
export const jobRows = pgTable(
  'job_rows',
  {
    tenantId: uuid('tenant_id').notNull(),
    jobId: uuid('job_id').notNull(),
    number: integer('number').notNull(),
    /** Null if nobody had this address when the row was written. */
    userId: uuid('user_id'),
    email: text('email').notNull(),
    given: jsonb('given').$type<GivenRow>(),
    /** The result of checking a row of an uploaded list. */
    verdict: text('verdict'),
    /** Whether the row is to be processed. */
    chosen: boolean('chosen').notNull(),
    /** `done`, or why not; null while the row waits. */
    outcome: text('outcome'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.jobId, t.number] }),
    foreignKey({ columns: [t.tenantId, t.jobId], foreignColumns: [jobs.tenantId, jobs.id] }).onDelete('cascade'),
    // Finds the few rows that were not done among many that were.
    index('job_rows_not_done').on(t.tenantId, t.jobId, t.number).where(sql`outcome <> 'done'`),
  ],
);

export type JobDeed = (typeof jobDeed.enumValues)[number];
export type JobStop = (typeof jobStop.enumValues)[number];
export type Job = typeof jobs.$inferSelect;
export type JobRow = typeof jobRows.$inferSelect;
