import { z } from 'zod';
import { seed, settle } from '@/db/seed';
import { transaction } from '@/db/transaction';
import { record } from '@/lib/audit/record';
import { hashPassword, passwordProblem } from '@/lib/crypto/password';
import { seal } from '@/lib/crypto/seal';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { LINK_PURPOSE } from '@/lib/invitations/link';
import { newTotpSecret, sealTotp } from '@/lib/mfa/totp';
import { insertTenant, SLUG } from '@/lib/tenants/create';
import { findTenantBySlug } from '@/lib/tenants/find';
import { REFUSALS } from '@/lib/users/refusals';
import { command, ofTenant, operator, Refused, TENANT, tenantOf, UsageError, whole } from './command';

const newLink = () => {
  const token = newToken();
  return { tokenHash: hashToken(token), tokenSealed: seal(token, LINK_PURPOSE) };
};

const newTotp = () => sealTotp(newTotpSecret());

export const seedCommand = command(
  'makes example people in every state; nobody is sent a mail',
  {
    ...TENANT,
    users: { value: 'N', help: 'how many, up to 2000000' },
    create: { help: 'make the tenant if there is none' },
    'random-seed': { value: 'N', help: 'the same number makes the same people; 1 unless said' },
    'password-stdin': { help: 'give everybody the password from stdin; otherwise they have none' },
  },
  ofTenant.extend({
    users: whole(1, 2_000_000),
    create: z.boolean().optional(),
    randomSeed: whole(0, 2 ** 31 - 1).default(1),
    passwordStdin: z.boolean().optional(),
  }),
  async ({ tenant: slug, users: count, create, randomSeed }, password) => {
    const began = performance.now();
    if (create && !SLUG.test(slug)) throw new UsageError(`“${slug}” cannot be the slug of a tenant.`);
    const problem = password === undefined ? null : passwordProblem(password, [slug]);
    if (problem) throw new Refused(REFUSALS[problem]);
    const passwordHash = password === undefined ? null : await hashPassword(password);

    const made = await transaction(async (tx, now) => {
      const there = create ? await findTenantBySlug(slug, tx) : await tenantOf(slug, tx);
      const made = there ?? (await insertTenant(tx, now, { slug, name: slug }, operator));
      const tenant = made ?? (await tenantOf(slug, tx));
      const seeded = await seed(tx, now, { tenant, count, randomSeed, passwordHash, newLink, newTotp });
      await record(tx, now, operator(tenant.id), 'users.seeded', null, { users: count });
      return seeded;
    });
    await settle();
    return { tenant: slug, users: count, ...made, seconds: Math.round(performance.now() - began) / 1000 };
  },
);
