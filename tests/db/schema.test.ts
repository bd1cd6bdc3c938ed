import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { sessions } from '@/db/schema/sessions';
import { users } from '@/db/schema/users';
import { cast } from '../support/cast';

const causeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { cause?: Error }) => String(error.cause?.message),
  );

describe('the schema', () => {
  test('is what the migrations make', () => {
    const before = readdirSync('db/migrations');
    const said = execFileSync(process.execPath, ['node_modules/drizzle-kit/bin.cjs', 'generate'], { encoding: 'utf8' });
    expect(said).toContain('No schema changes');
    expect(readdirSync('db/migrations')).toEqual(before);
    expect(existsSync('db/migrations/meta/_journal.json')).toBe(true);
  });

  test('refuses a session that names a user of another tenant', async () => {
    const { acme, globex } = await cast();
    const now = new Date();
    const row = {
      id: newId(),
      tenantId: acme.tenant.id,
      userId: globex.otto.id,
      tokenHash: newId(),
      method: 'password' as const,
    };
    expect(
      await causeOf(db.insert(sessions).values({ ...row, createdAt: now, lastSeenAt: now, authenticatedAt: now })),
    ).toContain('foreign key');
  });

  test('holds an address once in a tenant, letter case aside, and as often as there are tenants', async () => {
    const { acme, globex } = await cast();
    const person = (tenantId: string, email: string) => ({
      id: newId(),
      tenantId,
      email,
      role: 'standard_user' as const,
      status: 'active' as const,
    });
    expect(await causeOf(db.insert(users).values(person(acme.tenant.id, acme.sam.email.toUpperCase())))).toContain(
      'users_email_once',
    );
    await db.insert(users).values(person(globex.tenant.id, acme.sam.email));
    await db
      .insert(users)
      .values({ ...person(acme.tenant.id, acme.sam.email), status: 'removed', removedAt: new Date() });
  });

  test('says of a removed row when it was removed, and of no other', async () => {
    const { acme } = await cast();
    const row = { id: newId(), tenantId: acme.tenant.id, email: 'x@x.example', role: 'standard_user' as const };
    expect(await causeOf(db.insert(users).values({ ...row, status: 'removed' }))).toContain('users_removed');
    expect(await causeOf(db.insert(users).values({ ...row, status: 'active', removedAt: new Date() }))).toContain(
      'users_removed',
    );
  });

  test('makes ids that sort in the order they were made', () => {
    const now = new Date();
    const ids = Array.from({ length: 1000 }, () => newId(now));
    expect([...ids].sort()).toEqual(ids);
    expect(newId(new Date(now.getTime() + 1)) > String(ids.at(-1))).toBe(true);
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    );
  });

  test('keeps time in UTC to the microsecond', async () => {
    const [row] = await db.execute<{ zone: string }>(sql`select current_setting('TimeZone') as zone`);
    expect(row?.zone).toBe('UTC');
  });
});
