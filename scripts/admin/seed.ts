import { z } from 'zod';
import { seed } from '@/db/seed';
import { transaction } from '@/db/transaction';
import { record } from '@/lib/audit/record';
import { hashPassword } from '@/lib/crypto/password';
import { command, ofTenant, operator, TENANT, tenantOf } from './command';

export const seedCommand = command(
  'makes example people in every state; nobody is sent a mail',
  {
    ...TENANT,
    users: { value: 'N', help: 'how many, up to 2,000,000' },
    'random-seed': { value: 'N', help: 'the same number makes the same people (1)' },
    'password-stdin': { flag: true, help: 'give all active ones the password from stdin; otherwise they have none' },
  },
  ofTenant.extend({
    users: z.coerce.number('is a number').int().min(1).max(2_000_000),
    randomSeed: z.coerce.number('is a number').int().default(1),
    passwordStdin: z.boolean().optional(),
  }),
  async (input, password) => {
    const tenant = await tenantOf(input.tenant);
    const began = Date.now();
    const passwordHash = password ? await hashPassword(password) : null;
    const counts = await seed({ tenantId: tenant.id, count: input.users, randomSeed: input.randomSeed, passwordHash });
    await transaction((tx, now) => record(tx, now, operator(tenant.id), 'users.seeded', null, { users: input.users }));
    return { tenant: tenant.slug, users: input.users, ...counts, seconds: (Date.now() - began) / 1000 };
  },
);
