import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { violates } from '@/db/conflict';
import { newId } from '@/db/id';
import { passwordResets } from '@/db/schema/password-resets';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { cast } from '../support/cast';

const SECRET = 'a-token-that-nobody-may-read';
const whole = (error: unknown) =>
  `${error} ${(error as Error).stack} ${inspect(error, { depth: 9, showHidden: true })}`;
const errorOf = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

test('the error of a failed statement names the statement and the reason, and no parameter', async () => {
  const now = new Date();
  const row = { id: newId(), tenantId: newId(), userId: newId(), tokenHash: SECRET, createdAt: now, expiresAt: now };
  const insert = (on: Pick<typeof db, 'insert'>) => on.insert(passwordResets).values(row);
  for (const failing of [() => insert(db), () => transaction(insert)]) {
    const error = await errorOf(failing());
    expect(whole(error)).not.toContain(SECRET);
    expect(String(error)).toMatch(/^Error: .+ violates foreign key .+ \(insert into "password_resets"/);
  }
});

test('nor the row that Postgres refused', async () => {
  const { acme } = await cast();
  const values = { id: newId(), tenantId: acme.tenant.id, email: 'no address', passwordHash: SECRET } as const;
  const error = await errorOf(db.insert(users).values({ ...values, role: 'standard_user', status: 'active' }));
  expect(whole(error)).not.toContain(SECRET);
});

test('which index refused is still known', async () => {
  const { acme } = await cast();
  const error = await errorOf(db.insert(tenants).values({ id: newId(), slug: acme.tenant.slug, name: 'Twice' }));
  expect(violates(error, 'tenants_slug')).toBe(true);
});
